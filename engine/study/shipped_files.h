// Documents that come with Plateau, or that a person names by their path: studies, recipes of figures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace plateau::study {

/// What sort of document, and where in the assets those are that come with Plateau.
struct DocumentKind {
  std::string name;   // "study", for messages
  std::string folder; // "studies"
};

/// The .toml files that come with Plateau, by name. Throws InputError.
std::vector<std::filesystem::path> shipped_files(const DocumentKind& kind);

/// The file's text. Throws InputError.
std::string read_document(const DocumentKind& kind, const std::filesystem::path& path);

/// What is meant by a path (it holds a '/' or ends in ".toml") or by the name of one that comes with Plateau.
/// Throws InputError with the nearest names.
std::filesystem::path find_document(const DocumentKind& kind, const std::string& name_or_path);

} // namespace plateau::study
