#pragma once

#include <string>
#include <string_view>

#include "rectify/report/training.h"

/// The parts of a training run's page. All text from outside comes out escaped.
namespace rectify::report {

/// "3.20 %", or "RMSE 52.30" in a regression.
std::string error_text(const Training& run, double error);

/// The table of the classes: samples, scores, weights; and the confusion matrix.
std::string classes_html(const Training& run);

/// A regression's scores, and the places of its charts.
std::string targets_html(const Training& run);

/// The worst samples, as pictures or as a table of their values.
std::string worst_html(const Training& run);

/// The data of the charts, safe inside a script element.
std::string training_data(const Training& run);

/// Bytes as base64 (RFC 4648, section 4), as a data URL holds them.
std::string base64(std::string_view bytes);

}  // namespace rectify::report
