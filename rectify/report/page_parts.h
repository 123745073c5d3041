#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/report/comparison.h"

/// What the pages of a comparison and of a training run are both put together from. All text from
/// outside comes out escaped, but for what is HTML already, as its comment says.
namespace rectify::report {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Matrix = std::vector<std::vector<std::int64_t>>;

/// The template with each {{slot}} replaced by HTML, in one pass: inserted text is not searched
/// again, so text that contains {{...}} stays as it is. Throws Error for a slot that is not there.
std::string filled(std::string_view text, const std::map<std::string_view, std::string>& slots);

/// A whole page: page/frame.html around `content`, with the chart kit and `charts`.
struct PageFrame {
  std::string title, version;
  std::string content;      ///< HTML
  std::string data;         ///< JSON for the script; see script_safe()
  std::string_view charts;  ///< the script
  bool live = false;        ///< asks the server that it came from for more
};
std::string framed(const PageFrame& frame);

/// The paragraphs of a page that stand as a list under its headline.
std::string notes_html(const std::vector<std::string>& notes);

/// Escaped, and with a number and its percent sign kept on one line.
std::string prose(std::string_view text);

/// With a capital letter first.
std::string capitalised(std::string text);

/// What an error is, for a sentence that says on which samples.
std::string error_meaning(bool regression);

/// "1 epoch", "12 epochs".
std::string plural(std::size_t count, std::string_view one);

/// 0.034 as "3.4&nbsp;%"; `no_figure` when it is not finite.
std::string share_text(double share);

/// One answer under the headline; `answer` and `detail` are HTML.
std::string tile(std::string_view question, const std::string& answer, const std::string& detail);

/// The command in a box with a button that copies it; nothing for an empty one. `id`: its
/// element's, another one for each box of a page.
std::string command_box(const std::string& command, std::string_view reading,
                        const char* id = "command");

/// A table of names and values; nothing when there are none.
std::string pairs_table(std::string_view title, const Pairs& pairs);

/// Group by group; what somebody asked for stands out among what is as always.
std::string settings_table(const std::vector<Setting>& settings);

/// A confusion matrix, true class by row, as a table coloured by share. `of` names it, `caption`
/// says what was counted.
std::string matrix_table(const std::vector<std::string>& class_names, const Matrix& counts,
                         const std::string& of, const std::string& caption);

/// "612 of 25,000 wrong; most often 4 taken for 9 (31), 7 for 1 (24)".
std::string matrix_digest(const std::vector<std::string>& class_names, const Matrix& counts);

/// How to read such a table, with the scale of its colours. HTML.
std::string_view matrix_reading();

/// A number of five digits, or null where it is not finite: no screen shows more, and the page
/// stays small.
Json rounded(double value);

/// A list with one such number for each element.
template <class Elements, class Figure>
Json column(const Elements& elements, Figure&& figure) {
  Json out = Json::array();
  for (const auto& one : elements) out.push_back(rounded(figure(one)));
  return out;
}

/// The JSON with every `<` escaped, so that no string can end the script element around it.
std::string script_safe(const Json& json);

}  // namespace rectify::report
