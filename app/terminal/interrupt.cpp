#include "app/terminal/interrupt.h"

#include <csignal>
#include <initializer_list>

#include <unistd.h>

namespace plateau::terminal {

namespace {

volatile std::sig_atomic_t interrupts = 0;

void handle(int) {
  interrupts = interrupts + 1;
  if (interrupts > 1) _exit(interrupted_exit_code);
}

} // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = handle;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);

  struct sigaction before {};
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() {
  return interrupts > 0;
}

} // namespace plateau::terminal
