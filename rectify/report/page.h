#pragma once

#include <string_view>

/// The files that every page is put together from, compiled in by cmake/Embed.cmake.
namespace rectify::report::page {

std::string_view template_html();  ///< page/page.html, with {{slots}}
std::string_view style_css();      ///< page/style.css
std::string_view kit_js();         ///< page/kit.js: colours, scales, bookkeeping
std::string_view charts_js();      ///< page/charts.js: the charts themselves
std::string_view chart_js();       ///< Chart.js as it was found when Rectify was built

}  // namespace rectify::report::page
