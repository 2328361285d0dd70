#pragma once

#include <string>

#include "engine/errors.h"
#include "tests/catch.h"

/// The one line with which `action` is refused; a failure when it is not, or when it is more than a line.
template<class Action> std::string message_of(Action action) {
  std::string message;
  try {
    action();
  } catch (const plateau::InputError& error) {
    message = error.what();
  }
  INFO("message: " << message);
  CHECK(!message.empty());
  CHECK(message.find('\n') == std::string::npos);
  return message;
}
