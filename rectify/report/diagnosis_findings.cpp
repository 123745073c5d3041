// The findings of a diagnosis' page, as cards.
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/diagnosis_parts.h"
#include "rectify/report/format.h"
#include "rectify/report/page_parts.h"
#include "rectify/train/option_table.h"

namespace rectify::report {

using diagnose::Change;
using diagnose::Finding;

namespace {

/// Whether an option of training may have this value: a number, or one of its words.
bool is_value_of(std::string_view flag, const std::string& word) {
  if (parse_number(word)) return true;
  const auto& table = train::option_table();
  const auto option = std::ranges::find(table, flag, train::flag_of);
  if (option == std::end(table)) return word.find('_') != std::string::npos;  // --activation
  const std::vector<std::string> choices = split(train::values_of(*option), ' ');
  return word == "auto" ||
         std::ranges::count(choices, word) + std::ranges::count(choices, word + ",") > 0;
}

/// Where the value of a flag, which ends at `from`, ends; `from` itself where none follows.
std::size_t end_of_value(std::string_view text, std::string_view flag, std::size_t from) {
  if (from + 1 >= text.size() || text[from] != ' ') return from;
  const std::size_t begin = from + 1;
  std::size_t end = std::min(text.find(' ', begin), text.size());
  while (end > begin && (text[end - 1] == ',' || text[end - 1] == ';')) --end;
  return is_value_of(flag, std::string(text.substr(begin, end - begin))) ? end : from;
}

/// Where the flag at `from`, with its value, ends.
std::size_t end_of_flag(std::string_view text, std::size_t from, std::span<const Change> changes) {
  const std::string_view rest = text.substr(from);
  for (const Change& change : changes)
    if (const std::string whole = change.flag + " " + change.value;
        !change.value.empty() && rest.starts_with(whole))
      return from + whole.size();
  std::size_t end = from + 2;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                               text[end] == '-' || text[end] == '_'))
    ++end;
  return end_of_value(text, text.substr(from, end - from), end);
}

/// A change as somebody would type it.
std::string typed(const Change& change) {
  if (change.value.empty()) return "leave out " + change.flag;
  const bool quoted = change.value.find_first_of(" |;()*") != std::string::npos;
  return change.flag + (quoted ? " '" + change.value + "'" : " " + change.value);
}

std::string change_html(const Finding& finding) {
  if (finding.advice.empty() && finding.changes.empty()) return "";
  const char* const words = !finding.explained_by.empty()                  ? "If it stays:"
                            : finding.severity == diagnose::Severity::note ? "What may help:"
                                                                           : "What to change:";
  std::string out = "    <p class=\"change\"><strong>" + std::string(words) + "</strong> " +
                    advice_html(finding.advice, finding.changes) + "</p>\n";
  std::string more;
  for (const Change& change : finding.changes)
    if (change.value.empty() ||
        finding.advice.find(change.flag + " " + change.value) == std::string::npos)
      more += " <code>" + escape_html(typed(change)) + "</code>";
  return more.empty() ? out : out + "    <p class=\"change flags\">As flags:" + more + "</p>\n";
}

std::string list_html(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return "";
  std::string out = "    <ul>\n";
  for (const std::string& sentence : sentences) out += "      <li>" + prose(sentence) + "</li>\n";
  return out + "    </ul>\n";
}

/// A card, with what belongs below it.
std::string card(const Finding& finding, const std::string& below) {
  return concat(
      "  <article class=\"finding ", name_of(finding.severity), "\">\n    <h3>",
      severity_html(finding.severity), " ", prose(finding.title),
      finding.where.empty() ? ""
                            : " <span class=\"where\">· " + escape_html(finding.where) + "</span>",
      "</h3>\n", list_html(finding.evidence), change_html(finding), below, "  </article>\n");
}

/// The findings that follow from `cause`, folded.
std::string followers_html(std::span<const Finding> followers) {
  if (followers.empty()) return "";
  std::string titles, cards;
  for (const Finding& finding : followers) {
    titles += (titles.empty() ? "" : "; ") + finding.title;
    cards += card(finding, "");
  }
  return "    <details class=\"follows\"><summary>Explains: " + prose(titles) +
         "</summary>\n    <p>These follow from the finding above. Mend that one first.</p>\n" +
         cards + "    </details>\n";
}

}  // namespace

std::string advice_html(const std::string& advice, std::span<const Change> changes) {
  std::string out;
  std::size_t at = 0;
  while (at < advice.size()) {
    std::size_t flag = advice.find("--", at);
    while (flag != std::string::npos && flag > 0 && advice[flag - 1] != ' ')
      flag = advice.find("--", flag + 2);
    out += prose(advice.substr(at, flag == std::string::npos ? flag : flag - at));
    if (flag == std::string::npos) break;
    at = end_of_flag(advice, flag, changes);
    out += "<code>" + escape_html(advice.substr(flag, at - flag)) + "</code>";
  }
  return out;
}

std::string severity_html(diagnose::Severity severity) {
  const std::string name(name_of(severity));
  std::string word = name;
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return "<span class=\"severity " + name + "\">" + word + "</span>";
}

std::string findings_section(std::span<const Finding> findings) {
  if (findings.empty()) return "";
  std::string out =
      "<section id=\"findings\" aria-labelledby=\"findings-title\">\n"
      "  <h2 id=\"findings-title\">What was found</h2>\n";
  for (std::size_t i = 0; i < findings.size();) {
    std::size_t end = i + 1;
    while (end < findings.size() && findings[end].explained_by == findings[i].cause) ++end;
    out += card(findings[i], followers_html(findings.subspan(i + 1, end - i - 1)));
    i = end;
  }
  return out + "</section>\n";
}

}  // namespace rectify::report
