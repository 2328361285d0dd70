#include "engine/tasks/modular_operation.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/cyclic_group.h"

namespace plateau::tasks {

ModularOperation::ModularOperation(const std::string& name, std::int64_t modulus) : modulus_(modulus) {
  constexpr std::array<std::pair<const char*, Kind>, 5> kinds = {{{"add", Kind::Add},
                                                                  {"subtract", Kind::Subtract},
                                                                  {"multiply", Kind::Multiply},
                                                                  {"divide", Kind::Divide},
                                                                  {"quadratic", Kind::Quadratic}}};
  const auto found = [&]() -> std::optional<Kind> {
    for (const auto& [known, kind] : kinds)
      if (name == known) return kind;
    return {};
  }();
  if (!found)
    throw InputError(fmt::format("task.operation = {}: there is no such operation; there are add, subtract, "
                                 "multiply, divide, quadratic",
                                 name));
  kind_ = *found;
  const auto root = smallest_primitive_root(modulus);
  if (!root) throw InputError(fmt::format("task.modulus = {} must be a prime number", modulus));
  if (kind_ != Kind::Divide) return;
  // 1 / g^i = g^(p - 1 - i)
  std::vector<std::int64_t> powers{1};
  while (std::ssize(powers) < modulus - 1) powers.push_back(powers.back() * *root % modulus);
  inverse_.assign(static_cast<std::size_t>(modulus), 0);
  for (std::size_t i = 0; i < powers.size(); ++i)
    inverse_[static_cast<std::size_t>(powers[i])] = powers[(powers.size() - i) % powers.size()];
}

std::optional<std::int64_t> ModularOperation::operator()(std::int64_t a, std::int64_t b) const {
  switch (kind_) {
  case Kind::Add:
    return (a + b) % modulus_;
  case Kind::Subtract:
    return (a - b + modulus_) % modulus_;
  case Kind::Multiply:
    return a * b % modulus_;
  case Kind::Divide:
    return b == 0 ? std::nullopt : std::optional(a * inverse_[static_cast<std::size_t>(b)] % modulus_);
  case Kind::Quadratic:
    break;
  }
  return (a * a + a * b + b * b) % modulus_;
}

std::string ModularOperation::print(const std::string& a, const std::string& b) const {
  switch (kind_) {
  case Kind::Add:
    return a + " + " + b;
  case Kind::Subtract:
    return a + " − " + b;
  case Kind::Multiply:
    return a + " · " + b;
  case Kind::Divide:
    return a + " / " + b;
  case Kind::Quadratic:
    break;
  }
  return a + "² + " + a + " · " + b + " + " + b + "²";
}

std::string ModularOperation::print(std::int64_t a, std::int64_t b) const {
  return print(std::to_string(a), std::to_string(b));
}

std::string ModularOperation::formula() const {
  const std::string term = print("a", "b");
  return fmt::format("{} mod {}", kind_ == Kind::Quadratic ? "(" + term + ")" : term, modulus_);
}

std::string ModularOperation::title() const {
  switch (kind_) {
  case Kind::Add:
    return "addition";
  case Kind::Subtract:
    return "subtraction";
  case Kind::Multiply:
    return "multiplication";
  case Kind::Divide:
    return "division";
  case Kind::Quadratic:
    break;
  }
  return "quadratic form";
}

} // namespace plateau::tasks
