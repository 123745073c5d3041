#pragma once

#include <string>
#include <string_view>

#include "rectify/base/json.h"
#include "rectify/report/training.h"

/// The parts of a training run's page. All text from outside comes out escaped.
namespace rectify::report {

/// "3.20 %", or "RMSE 52.30" in a regression.
std::string error_text(const Training& run, double error);

/// What the page says first, and the sentences under it. Plain text.
std::string training_headline(const Training& run);
std::string training_scope(const Training& run);

/// The sentence on how to go on, with a blank before it; empty where there is none.
std::string trouble_text(TrainingEnd end, const std::string& trouble);

/// The tiles under the headline, and the box around such tiles.
std::string training_tiles(const Training& run);
std::string answers_box(const std::string& tiles);

/// What happened, epoch by epoch; empty where nothing did.
std::string timeline_html(const Training& run);

/// The places of the charts that a live page has too.
std::string training_charts(bool classes);

/// The table of the classes: samples, scores, weights; and the confusion matrix.
std::string classes_html(const Training& run);

/// A regression's scores, and the places of its charts.
std::string targets_html(const Training& run);

/// The worst samples, as pictures or as a table of their values.
std::string worst_html(const Training& run);

/// The data of the charts.
Json training_data(const Training& run);

/// Bytes as base64 (RFC 4648, section 4), as a data URL holds them.
std::string base64(std::string_view bytes);

}  // namespace rectify::report
