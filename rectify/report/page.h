#pragma once

#include <string_view>

/// The files that every page is put together from, compiled in by cmake/Embed.cmake.
namespace rectify::report::page {

std::string_view frame_html();       ///< page/frame.html: what all pages share, with {{slots}}
std::string_view comparison_html();  ///< page/comparison.html: the content of a comparison's page
std::string_view training_html();    ///< page/training.html: the content of a training run's page
std::string_view
pretraining_html();                  ///< page/pretraining.html: the content of a pretraining's page
std::string_view diagnosis_html();   ///< page/diagnosis.html: the content of a diagnosis' page
std::string_view robustness_html();  ///< page/robustness.html: the content of a robustness' page
std::string_view watch_html();       ///< page/watch.html: the content of a live page
/// page/training_charts.html: the places of the charts that a training run's and a live page have.
std::string_view training_charts_html();
std::string_view lab_html();           ///< page/lab.html: the content of a claim's page
std::string_view lab_overview_html();  ///< page/lab_overview.html: that of the page of all claims
std::string_view style_css();          ///< page/style.css
std::string_view kit_js();             ///< page/kit.js: colours, numbers, scales
std::string_view plots_js();           ///< page/plots.js: pieces of the page, bookkeeping
std::string_view comparison_js();      ///< page/comparison.js: the charts of a comparison
std::string_view sparsity_js();        ///< page/sparsity.js: its charts of zeros and speed
std::string_view training_js();        ///< page/training.js: the charts of a training run
std::string_view pretraining_js();     ///< page/pretraining.js: the charts of a pretraining
std::string_view diagnosis_js();       ///< page/diagnosis.js: the charts of a diagnosis
std::string_view watch_js();           ///< page/watch.js: what keeps a live page up to date
std::string_view lab_js();             ///< page/lab.js: the charts of a claim
std::string_view chart_js();           ///< Chart.js as it was found when Rectify was built

}  // namespace rectify::report::page
