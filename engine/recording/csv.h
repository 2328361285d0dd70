// Exports a recording's curves and events as CSV files that pandas and spreadsheets read.
#pragma once

#include <filesystem>

#include "engine/analysis/summary_table.h"
#include "engine/recording/annotations.h"
#include "engine/recording/reader.h"

namespace plateau::recording {

/// Writes members.csv, summary.csv, events.csv, interventions.csv and per metric group one file (loss.csv,
/// accuracy.csv, saturation.csv, ...) with columns member,name,metric,step,value. Creates the folder; refuses
/// one that already holds such files. Throws InputError or RunError. With `annotations` plateaus have the
/// ends that a person gave them, and events.csv holds remarks, too.
void export_csv(const Reader& reader, const std::filesystem::path& folder,
                const Annotations& annotations = {});

/// One table. Throws InputError where the file exists or cannot be made, RunError.
void write_csv(const analysis::TextTable& table, const std::filesystem::path& file);

} // namespace plateau::recording
