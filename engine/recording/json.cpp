#include "engine/recording/json.h"

#include <nlohmann/json.hpp>

#include "engine/recording/schema.h"
#include "engine/study/fields.h"

namespace plateau::recording {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace); // a path may be no valid UTF-8
}

json to_value(const study::Value& value) {
  return std::visit([](const auto& content) { return json(content); }, value);
}

study::Value from_value(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  return value.get<std::string>();
}

study::Value from_value(const json& value, study::FieldType type) {
  switch (type) {
  case study::FieldType::Boolean:
    return value.get<bool>();
  case study::FieldType::Integer:
    return value.get<std::int64_t>();
  case study::FieldType::Real:
    return value.get<double>();
  case study::FieldType::Choice:
  case study::FieldType::Text:
    break;
  }
  return value.get<std::string>();
}

/// Whatever is wrong with the text becomes a MalformedEntry.
template<class Read> auto reading(const char* what, const std::string& text, Read read) {
  try {
    return read(json::parse(text));
  } catch (const json::exception& error) {
    throw MalformedEntry(std::string("malformed ") + what + ": " + error.what());
  }
}

} // namespace

std::string to_json(const study::Settings& settings) {
  json object = json::object();
  for (const auto& field : study::fields()) object[field.name] = to_value(field.get(settings));
  return dump(object);
}

study::Settings settings_from_json(const std::string& text) {
  return reading("settings", text, [](const json& object) {
    study::Settings settings;
    for (const auto& field : study::fields())
      if (const auto found = object.find(field.name); found != object.end())
        field.put(settings, from_value(*found, field.type));
    return settings;
  });
}

std::string to_json(const std::vector<study::Assignment>& assignments) {
  json array = json::array();
  for (const auto& [field, value] : assignments) array.push_back(json::array({field, to_value(value)}));
  return dump(array);
}

std::vector<study::Assignment> assignments_from_json(const std::string& text) {
  return reading("changes", text, [](const json& array) {
    std::vector<study::Assignment> assignments;
    for (const auto& pair : array)
      assignments.push_back({pair.at(0).get<std::string>(), from_value(pair.at(1))});
    return assignments;
  });
}

std::string to_json(const std::vector<std::int64_t>& shape) {
  return dump(shape);
}

std::vector<std::int64_t> shape_from_json(const std::string& text) {
  return reading("shape", text, [](const json& array) { return array.get<std::vector<std::int64_t>>(); });
}

std::string to_json(const training::TaskInfo& task) {
  json guides = json::array();
  for (const auto& guide : task.guides)
    guides.push_back({{"metric", guide.metric}, {"value", guide.value}, {"label", guide.label}});
  return dump({{"title", task.title},
               {"data", task.data},
               {"classes", task.classes},
               {"guides", guides},
               {"input_shape", task.inputs ? task.inputs->shape : std::vector<std::int64_t>{}},
               {"vocabulary", task.vocabulary},
               {"tokens", task.tokens ? task.tokens->data : std::vector<float>{}},
               {"token_shape", task.tokens ? task.tokens->shape : std::vector<std::int64_t>{}},
               {"targets", task.targets},
               {"input_labels", task.input_labels}});
}

StoredTask task_from_json(const std::string& text) {
  return reading("task", text, [](const json& object) {
    StoredTask stored;
    auto& task = stored.task;
    object.at("title").get_to(task.title);
    object.at("data").get_to(task.data);
    object.at("classes").get_to(task.classes);
    for (const auto& guide : object.at("guides"))
      task.guides.push_back({guide.at("metric"), guide.at("value"), guide.at("label")});
    object.at("input_shape").get_to(stored.input_shape);
    if (object.contains("vocabulary") && !object.at("tokens").empty()) { // not in the files of before
      object.at("vocabulary").get_to(task.vocabulary);
      task.tokens =
          std::make_shared<training::Tensor>(training::Tensor{object.at("token_shape"), object.at("tokens")});
    }
    object.at("targets").get_to(task.targets);
    object.at("input_labels").get_to(task.input_labels);
    return stored;
  });
}

} // namespace plateau::recording
