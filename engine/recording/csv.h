// Exports a recording's curves and events as CSV files that pandas and spreadsheets read.
#pragma once

#include <filesystem>

#include "engine/analysis/summary_table.h"
#include "engine/recording/annotations.h"
#include "engine/recording/reader.h"

namespace plateau::recording {

/// Writes members.csv, summary.csv, events.csv, interventions.csv and per metric group one file (loss.csv,
/// accuracy.csv, saturation.csv, ...) with columns member,name,metric,step,value. Members, their names and
/// the ends of plateaus in events.csv are those of `shown`, the reader's snapshot as the person sees it;
/// members.csv has the names as recorded beside them, which interventions.csv uses, too. With `annotations`
/// the summary has the plateaus' ends that a person gave, and events.csv holds remarks. Creates the folder;
/// refuses one that already holds such files. Throws InputError or RunError.
void export_csv(const Reader& reader, const training::Snapshot& shown, const std::filesystem::path& folder,
                const Annotations& annotations = {});

/// One table. Throws InputError where the file exists or cannot be made, RunError.
void write_csv(const analysis::TextTable& table, const std::filesystem::path& file);

} // namespace plateau::recording
