#include "rectify/report/page_parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"

namespace rectify::report {

std::string filled(std::string_view text, const std::map<std::string_view, std::string>& slots) {
  std::string out;
  while (true) {
    const std::size_t open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find("}}", open);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto slot = slots.find(name);
    if (slot == slots.end()) fail("the page's template has an unknown slot '", name, "'");
    out += slot->second;
    text.remove_prefix(close + 2);
  }
}

std::string prose(std::string_view text) {
  std::string out = escape_html(text);
  for (std::size_t at = 0; (at = out.find(" %", at)) != std::string::npos;)
    out.replace(at, 1, "&nbsp;");
  return out;
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string error_meaning(bool regression) {
  return regression ? "Root of the mean squared error, in the units of the target,"
                    : "Share of wrong classes";
}

std::string plural(std::size_t count, std::string_view one) {
  return count_text(static_cast<std::int64_t>(count)) + " " + std::string(one) +
         (count == 1 ? "" : "s");
}

std::string framed(const PageFrame& frame) {
  const std::string by = "by Rectify " + escape_html(frame.version) + ". ";
  return filled(
      page::frame_html(),
      {{"title", escape_html(frame.title)},
       {"style", std::string(page::style_css())},
       {"may_ask", frame.live ? "; connect-src 'self'" : ""},
       {"footer", frame.live
                      ? "Served " + by + "It asks nobody but the program that serves it."
                      : "Written " + by +
                            "This page is complete in itself: it loads nothing and works offline."},
       {"content", frame.content},
       {"data", frame.data},
       {"chart_js", std::string(page::chart_js())},
       {"kit", std::string(page::kit_js())},
       {"plots", std::string(page::plots_js())},
       {"charts", std::string(frame.charts)}});
}

std::string notes_html(const std::vector<std::string>& notes) {
  if (notes.empty()) return "";
  std::string out = "  <ul class=\"notes\">\n";
  for (const std::string& note : notes) out += "    <li>" + prose(note) + "</li>\n";
  return out + "  </ul>";
}

std::string share_text(double share) {
  if (!std::isfinite(share)) return std::string(no_figure);
  return share == 0 ? "0&nbsp;%" : escape_html(percent_text(share, 1)) + "&nbsp;%";
}

std::string tile(std::string_view question, const std::string& answer, const std::string& detail) {
  return "    <div><dt>" + std::string(question) + "</dt><dd><strong>" + answer +
         "</strong><span>" + detail + "</span></dd></div>\n";
}

std::string command_box(const std::string& command, std::string_view reading, const char* id) {
  if (command.empty()) return "";
  return "  <p class=\"reading\">" + prose(reading) +
         "</p>\n  <div class=\"command\"><pre tabindex=\"0\"><code id=\"" + id + "\">" +
         escape_html(command) + "</code></pre><button type=\"button\" hidden>Copy</button></div>";
}

std::string pairs_table(std::string_view title, const Pairs& pairs) {
  if (pairs.empty()) return "";
  std::string out = "  <div class=\"scroll\"><table class=\"pairs\"><caption>" +
                    std::string(title) + "</caption>\n";
  for (const auto& [key, value] : pairs)
    out += "    <tr><th scope=\"row\">" + escape_html(key) + "</th><td>" + escape_html(value) +
           "</td></tr>\n";
  return out + "  </table></div>\n";
}

std::string settings_table(const std::vector<Setting>& settings) {
  if (settings.empty()) return "";
  const bool changed = !std::ranges::all_of(settings, &Setting::usual);
  std::string out =
      "  <div class=\"scroll\"><table class=\"pairs settings\"><caption>Configuration" +
      std::string(changed ? "<span>Bold: not the default.</span>" : "") + "</caption>\n";
  std::string group;
  for (const Setting& setting : settings) {
    if (setting.group != group)
      out += "    <tr class=\"group\"><th scope=\"rowgroup\" colspan=\"2\">" +
             escape_html(setting.group) + "</th></tr>\n";
    group = setting.group;
    const std::string value = escape_html(setting.value);
    out += "    <tr><th scope=\"row\">" + escape_html(setting.name) + "</th><td>" +
           (setting.usual ? value : "<strong>" + value + "</strong>") + "</td></tr>\n";
  }
  return out + "  </table></div>\n";
}

Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::scientific, 4);
  double out = value;
  std::from_chars(buffer.data(), end, out);
  if (out == std::trunc(out) && std::abs(out) < 1e9) return static_cast<std::int64_t>(out);
  return out;
}

std::string script_safe(const Json& json) {
  const std::string text = json.dump(-1, Json::BadText::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text)
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  return safe;
}

}  // namespace rectify::report
