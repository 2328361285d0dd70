#include "engine/study/fields.h"

#include <cmath>
#include <limits>
#include <set>

#include "engine/tasks/task.h"
#include "tests/catch.h"
#include "tests/study/message.h"

using namespace plateau::study;

namespace {

/// Another allowed value than the default, so that a field which writes nowhere, or elsewhere, is found out.
Value other_value(const Field& field) {
  switch (field.type) {
  case FieldType::Boolean:
    return !std::get<bool>(field.default_value);
  case FieldType::Integer: {
    const auto number = std::get<std::int64_t>(field.default_value);
    return static_cast<double>(number) < field.maximum ? number + 1 : number - 1;
  }
  case FieldType::Real:
    return std::get<double>(field.default_value) == field.maximum ? field.minimum : field.maximum;
  case FieldType::Choice:
    return field.choices.back();
  case FieldType::Text:
    return std::string("/data/somewhere");
  }
  return false;
}

std::string table_of(const Field& field) {
  return field.name.substr(0, field.name.find('.'));
}

bool applies(const char* name, const Settings& settings) {
  return field(name).applies(settings);
}

} // namespace

TEST_CASE("every member of settings.h has a field of its own") {
  // Structured bindings fail to compile when a member is added: then count it here and declare its field.
  Settings settings;
  [[maybe_unused]] auto& [kind, variant, indicators, folder, cell, noise, same, dimension, context,
                          covariates, gamma, targets, pairs, symbols, text, length, alphabets, share,
                          operation, modulus, train_share, factors, levels, main_effect, item_width,
                          item_noise, mappings, item_classes, item_labels, burstiness, bursty_share,
                          fresh_share, class_exponent, validation] = settings.task;
  [[maybe_unused]] auto& [model, patch, width, heads, depth, ratio, drop, init, channels, parametrisation,
                          mixing, average, features, norms, norm_kind, readout, subtract, init_scale] =
      settings.model;
  [[maybe_unused]] auto& [attention, temperature, heat, start, portion, laser, clamp, cosine, cap, upper,
                          lower, alpha, exponent, iterations] = settings.attention;
  [[maybe_unused]] auto& [optimizer, rate, decay, minimum, warmup, beta1, beta2, epsilon, momentum,
                          weight_decay, clip, rescaling, decay_unit, readout_rate, modifier, grokfast_memory,
                          grokfast_gain, constant_norm] = settings.optimizer;
  [[maybe_unused]] auto& [steps, batch, smoothing, evaluate, checkpoint, keep, at_events, halt, data_seed,
                          path, precision, loss, loss_precision] = settings.training;
  [[maybe_unused]] auto& [extra, extra_target, fixed_share, fixed_first] = settings.strategy;
  [[maybe_unused]] auto& [maps, saturation, gradients, weights, components, values, smoothness, curvature,
                          curvature_samples, coordinates, noise_every, draws, noise_batch, writing,
                          text_length, text_temperature, prompt, features_every, kernel, kernel_samples,
                          in_context, samples, map_samples] = settings.probes;
  CHECK(fields().size() == 34 + 18 + 14 + 18 + 13 + 4 + 23);

  std::set<std::string> names;
  for (const auto& field : fields()) names.insert(field.name);
  CHECK(names.size() == fields().size());

  for (const auto& field : fields()) {
    INFO(field.name);
    if (field.type == FieldType::Choice && field.choices.size() == 1) continue;
    Settings changed;
    set(changed, {field.name, other_value(field)});
    CHECK_FALSE(changed == Settings{});
    CHECK(get(changed, field.name) == other_value(field));
    for (const auto& other : fields())
      if (other.name != field.name) CHECK(get(changed, other.name) == other.default_value);
  }
}

TEST_CASE("defaults stand in settings.h and are allowed") {
  for (const auto& field : fields()) {
    INFO(field.name);
    CHECK(field.default_value == field.get(Settings{}));
    Settings settings;
    CHECK_NOTHROW(set(settings, {field.name, field.default_value}));
    CHECK(settings == Settings{});
    CHECK(parse_value(field, to_string(field.default_value)) == field.default_value);
  }
  CHECK_NOTHROW(validate(Settings{}));
}

TEST_CASE("fields say what a tooltip and a control need") {
  std::string table;
  std::set<std::string> tables_seen;
  for (const auto& field : fields()) {
    INFO(field.name);
    if (table_of(field) != table) {
      table = table_of(field);
      CHECK(tables_seen.insert(table).second); // a table's fields stand together
    }
    CHECK_FALSE(field.label.empty());
    CHECK(field.help.size() > 20);
    CHECK(field.help.back() == '.');
    CHECK_FALSE(field.source.empty());
    CHECK(field.applies);
    const bool is_number = field.type == FieldType::Integer || field.type == FieldType::Real;
    CHECK(is_number == (field.minimum < field.maximum));
    CHECK((field.type == FieldType::Choice) == !field.choices.empty());
    if (field.logarithmic) CHECK(is_number);
  }
  CHECK(tables_seen ==
        std::set<std::string>{"task", "model", "attention", "optimizer", "training", "strategy", "probes"});
}

TEST_CASE("what may change in mid-run, and for one member") {
  const std::set<std::string> live_in_training = {"training.steps",
                                                  "training.label_smoothing",
                                                  "training.evaluate_every",
                                                  "training.checkpoint_every",
                                                  "training.keep_checkpoints",
                                                  "training.checkpoint_at_events",
                                                  "training.halt_after",
                                                  "training.loss",
                                                  "training.loss_precision"};
  const std::set<std::string> shared_in_training = {"training.steps",
                                                    "training.evaluate_every",
                                                    "training.checkpoint_every",
                                                    "training.keep_checkpoints",
                                                    "training.checkpoint_at_events",
                                                    "training.halt_after"};
  // What members of one study are compared in, or what is too costly to be measured of all.
  const std::set<std::string> own_in_shared = {
      "task.context",       "task.covariates",         "task.gamma_shape",       "task.targets",
      "task.train_share",   "task.main_effect",        "task.item_noise",        "task.mappings",
      "task.burstiness",    "task.bursty_share",       "task.fresh_share",       "task.class_exponent",
      "probes.noise_every", "probes.smoothness_every", "probes.curvature_every", "probes.kernel_every"};
  for (const auto& field : fields()) {
    INFO(field.name);
    const auto table = table_of(field);
    const bool live = table == "attention" || table == "probes" || table == "optimizer" ||
                      table == "strategy" || live_in_training.contains(field.name);
    CHECK(field.live == live);
    const bool shared = table == "task" || table == "probes" || shared_in_training.contains(field.name);
    CHECK(field.per_member == (!shared || own_in_shared.contains(field.name)));
  }
}

TEST_CASE("a field applies where it means something") {
  Settings settings;
  for (const char* name : {"model.patch", "model.heads", "attention.variant", "attention.temperature",
                           "optimizer.gradient_rescaling", "probes.attention_every", "probes.map_samples",
                           "task.indicators", "task.mnist_folder", "optimizer.learning_rate"})
    CHECK(applies(name, settings));
  CHECK_FALSE(applies("model.base_channels", settings));
  CHECK_FALSE(applies("attention.schedule_start", settings));
  CHECK_FALSE(applies("optimizer.minimum_learning_rate", settings));

  settings.attention.schedule = "half-cosine";
  CHECK(applies("attention.schedule_start", settings));
  CHECK(applies("attention.schedule_portion", settings));
  settings.optimizer.schedule = "cosine";
  CHECK(applies("optimizer.minimum_learning_rate", settings));

  settings.task.indicators = "fashion";
  CHECK_FALSE(applies("task.mnist_folder", settings));
  settings.task.indicators = "auto";
  settings.task.variant = "position-as-indicator";
  CHECK_FALSE(applies("task.mnist_folder", settings));
  CHECK_FALSE(applies("task.indicators", settings));

  settings.model.kind = "resnet";
  for (const auto& field : fields())
    if (table_of(field) == "attention") CHECK_FALSE(field.applies(settings));
  for (const char* name : {"model.patch", "model.width", "model.heads", "model.depth", "model.mlp_ratio",
                           "model.drop_path", "model.init_std", "optimizer.gradient_rescaling",
                           "probes.attention_every", "probes.saturation_every", "probes.components_every"})
    CHECK_FALSE(applies(name, settings));
  for (const char* name : {"model.kind", "model.base_channels", "probes.gradients_every", "training.steps"})
    CHECK(applies(name, settings));
}

TEST_CASE("set() takes integers for reals and refuses everything else") {
  Settings settings;
  set(settings, {"optimizer.learning_rate", std::int64_t{1}});
  CHECK(settings.optimizer.learning_rate == 1.0);
  const auto refused = [&](const char* name, Value value) {
    const auto before = settings;
    const auto message = message_of([&] { set(settings, {name, std::move(value)}); });
    CHECK(settings == before);
    return message;
  };
  CHECK(refused("optimizer.learning_rate", std::int64_t{300}) ==
        "optimizer.learning_rate = 300: allowed is a number from 0 to 100");
  CHECK(refused("optimizer.learning_rate", 150.0) ==
        "optimizer.learning_rate = 150.0: allowed is a number from 0 to 100");
  CHECK(refused("optimizer.learning_rate", std::string("fast")) ==
        "optimizer.learning_rate = \"fast\": allowed is a number from 0 to 100");
  CHECK(refused("optimizer.learning_rate", true) ==
        "optimizer.learning_rate = true: allowed is a number from 0 to 100");
  refused("optimizer.learning_rate", std::nan(""));
  refused("optimizer.weight_decay", std::numeric_limits<double>::infinity());
  CHECK(refused("training.batch_size", 64.0) ==
        "training.batch_size = 64.0: allowed is a whole number from 0 to 8192");
  CHECK(refused("training.steps", std::int64_t{0}) ==
        "training.steps = 0: allowed is a whole number from 1 to 100000000");
  CHECK(refused("attention.variant", std::string("softmx")) ==
        "attention.variant = \"softmx\": there is no such choice, did you mean 'softmax'?; 'plateau list "
        "fields' names all 25");
  CHECK(refused("model.kind", std::int64_t{1}) ==
        "model.kind = 1: allowed is one of vision-transformer, resnet, decoder, linear-transformer, "
        "arithmetic-transformer");
  CHECK(refused("task.mnist_folder", std::string("\xff\xfe")).starts_with("task.mnist_folder"));
  refused("task.mnist_folder", std::string("two\nlines"));
  CHECK(refused("optimiser.learning_rate", 1.0) ==
        "unknown key 'optimiser.learning_rate', did you mean 'optimizer.learning_rate'?");
}

TEST_CASE("values are read from text") {
  CHECK(parse_value(field("optimizer.learning_rate"), "1e-3") == Value(1e-3));
  CHECK(parse_value(field("optimizer.learning_rate"), "+0.5") == Value(0.5));
  CHECK(parse_value(field("optimizer.learning_rate"), "1") == Value(1.0));
  CHECK(parse_value(field("training.steps"), "1e4") == Value(std::int64_t{10000}));
  CHECK(parse_value(field("training.data_seed"), "-1") == Value(std::int64_t{-1}));
  CHECK(parse_value(field("attention.variant"), "norm-softmax") == Value(std::string("norm-softmax")));
  CHECK(parse_value(field("task.mnist_folder"), "") == Value(std::string()));
  for (const char* wrong : {"", "1e", "0x10", "1,5", "ten", "nan", "1 "})
    CHECK(message_of([&] {
            parse_value(field("optimizer.learning_rate"), wrong);
          }).ends_with("allowed is a number from 0 to 100"));
  for (const char* wrong : {"", "1.5", "1e99", "99999999999999999999", "six"})
    CHECK(message_of([&] {
            parse_value(field("training.steps"), wrong);
          }).ends_with("allowed is a whole number from 1 to 100000000"));
}

TEST_CASE("values are written as TOML writes them, shortest first") {
  CHECK(to_string(Value(1e-3)) == "0.001");
  CHECK(to_string(Value(1e-6)) == "1e-6");
  CHECK(to_string(Value(3.0)) == "3.0");
  CHECK(to_string(Value(1.0 / 3)) == "0.3333333333333333");
  CHECK(to_string(Value(2.5e+100)) == "2.5e+100");
  CHECK(to_string(Value(true)) == "true");
  CHECK(to_string(Value(std::int64_t{-7})) == "-7");
  CHECK(to_string(Value(std::string("a b"))) == "a b");
}

TEST_CASE("rules between fields") {
  const auto broken = [](auto change) {
    Settings settings;
    change(settings);
    return message_of([&] { validate(settings); });
  };
  CHECK(broken([](Settings& s) { s.model.heads = 5; }) ==
        "model.width = 64 must be a multiple of model.heads = 5");
  CHECK(broken([](Settings& s) { s.model.patch = 5; }) ==
        "model.patch = 5 must divide the canvas of 28 pixels (twice task.cell_size = 14)");
  CHECK(broken([](Settings& s) {
          s.model.patch = 1;
          s.task.cell_size = 28;
        }).starts_with("model.patch = 1 cuts the canvas of 56 pixels into 3136 patches"));
  CHECK(broken([](Settings& s) { s.probes.map_samples = 65; }) ==
        "probes.map_samples = 65 must not be above probes.samples = 64");
  CHECK(broken([](Settings& s) { s.probes.samples = 2000; }) ==
        "probes.samples = 2000 must not be above task.validation_samples = 1024");
  CHECK(broken([](Settings& s) {
          s.optimizer.schedule = "cosine";
          s.optimizer.learning_rate = 1e-7;
        }).starts_with("optimizer.minimum_learning_rate = 1e-06 must not be above"));
  Settings resnet;
  resnet.model.kind = "resnet";
  resnet.model.heads = 5; // has no meaning for a resnet
  CHECK_NOTHROW(validate(resnet));
}

TEST_CASE("every task and every variant can be chosen, and no other") {
  std::vector<std::string> kinds, variants;
  for (const auto& task : plateau::tasks::list_tasks()) {
    if (kinds.empty() || kinds.back() != task.kind) kinds.push_back(task.kind);
    if (task.kind == "two-step-image")
      variants.push_back(task.name);
    else
      CHECK(task.name == task.kind);
  }
  CHECK(field("task.kind").choices == kinds);
  CHECK(field("task.variant").choices == variants);
}
