#include "rectify/verify/vnnlib.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/gunzip.h"
#include "rectify/verify/formula.h"

namespace rectify::verify {

namespace {

/// How deep brackets may be within brackets.
constexpr int most_depth = 200;
/// Bytes of a file once it is unpacked.
constexpr std::size_t most_bytes = std::size_t{1} << 28;

/// A word, or a list in brackets.
struct Expression {
  std::string_view word;  ///< empty for a list
  std::vector<Expression> items;
  std::size_t line = 0;

  bool is_list() const { return word.empty(); }
  /// The first word of a list: what it does.
  std::string_view head() const { return items.empty() ? std::string_view() : items[0].word; }
};

/// Cuts a text into expressions.
class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  /// Passes over white space and comments. False at the end.
  bool more() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == ';') at_ = std::min(text_.find('\n', at_), text_.size() - 1);
      if (text_[at_] == '\n') ++line_;
      if (c != ';' && !is_white(c)) return true;
    }
    return false;
  }

  Expression next(int depth = 0) {
    if (!more()) fail_at(line_, "ends within brackets; a ')' is missing");
    Expression expression{.word = {}, .items = {}, .line = line_};
    if (text_[at_] == ')') fail_at(line_, "has a ')' that closes nothing");
    if (text_[at_] != '(') {
      const std::size_t begin = at_;
      while (at_ < text_.size() && !is_white(text_[at_]) && !is_mark(text_[at_])) ++at_;
      expression.word = text_.substr(begin, at_ - begin);
      return expression;
    }
    if (depth == most_depth) fail_at(line_, concat("has brackets more than ", most_depth, " deep"));
    ++at_;
    while (more() && text_[at_] != ')') expression.items.push_back(next(depth + 1));
    if (!more()) fail_at(expression.line, "opens a '(' that is not closed");
    ++at_;
    return expression;
  }

  [[noreturn]] void fail_at(std::size_t line, const std::string& what) const {
    fail("'", name_, "', line ", line, " ", what);
  }

 private:
  static bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  static bool is_mark(char c) { return c == '(' || c == ')' || c == ';'; }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0, line_ = 1;
};

/// A sum of coefficients times variables, and a constant.
struct Linear {
  std::map<Variable, double> terms;
  double constant = 0;

  void add(const Linear& other, double factor) {
    for (const auto& [variable, coefficient] : other.terms) terms[variable] += factor * coefficient;
    constant += factor * other.constant;
  }
};

std::string text_of(const Variable& v) { return concat(v.output ? "Y_" : "X_", v.index); }

/// "12" in an error text, and no more of what may be megabytes.
std::string quoted(std::string_view word) {
  return concat("'", word.substr(0, 40), word.size() > 40 ? "..." : "", "'");
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : reader_(text, name), name_(name) {}

  VnnLib parse() {
    while (reader_.more()) command(reader_.next());
    VnnLib file{.property = {}, .inputs = count(false), .outputs = count(true)};
    put_cases(assertions_, name_, file);
    return file;
  }

 private:
  void command(const Expression& line) {
    const std::string_view head = line.head();
    if (head == "declare-const" && line.items.size() == 3)
      return declare(line.items[1], line.items[2]);
    if (head == "declare-fun" && line.items.size() == 4 && line.items[2].is_list())
      return declare(line.items[1], line.items[3]);
    if (head == "assert" && line.items.size() == 2)
      return assertions_.parts.push_back(formula(line.items[1]));
    constexpr std::array passed = {"set-logic", "set-info",  "set-option",
                                   "check-sat", "get-model", "exit"};
    if (std::ranges::find(passed, head) != passed.end()) return;
    if (head == "vnnlib-version" || head == "declare-network")
      reader_.fail_at(line.line, "is VNN-LIB 2, of which version 1 alone is read");
    reader_.fail_at(line.line,
                    concat("has ", line.is_list() ? quoted(head) : quoted(line.word),
                           " where (declare-const X_0 Real) or (assert ...) is expected"));
  }

  void declare(const Expression& symbol, const Expression& type) {
    if (type.word != "Real")
      reader_.fail_at(type.line, concat("declares ", quoted(symbol.word), " as ", quoted(type.word),
                                        "; the type must be Real"));
    const std::string_view word = symbol.word;
    const auto index = parse_integer(word.substr(std::min<std::size_t>(2, word.size())));
    if (!(word.starts_with("X_") || word.starts_with("Y_")) || !index || *index < 0)
      reader_.fail_at(symbol.line, concat("declares ", quoted(word),
                                          "; inputs are X_0, X_1, ... and outputs Y_0, Y_1, ..."));
    if (!names_.emplace(word, Variable{word[0] == 'Y', static_cast<std::size_t>(*index)}).second)
      reader_.fail_at(symbol.line, concat("declares ", word, " a second time"));
  }

  /// How many inputs or outputs there are. Throws Error where one is left out.
  std::size_t count(bool outputs) const {
    std::set<std::size_t> indices;
    for (const auto& [word, variable] : names_)
      if (variable.output == outputs) indices.insert(variable.index);
    if (indices.empty())
      fail("'", name_, "' declares no ",
           outputs ? "output: (declare-const Y_0 Real)" : "input: (declare-const X_0 Real)");
    const std::size_t last = *indices.rbegin();
    std::size_t expected = 0;
    for (const std::size_t index : indices)
      if (index != expected++)
        fail("'", name_, "' declares ", text_of({outputs, last}), " but not ",
             text_of({outputs, expected - 1}));
    return indices.size();
  }

  Formula formula(const Expression& e) {
    const std::string_view head = e.head();
    if (head == "and" || head == "or") {
      if (e.items.size() == 1) reader_.fail_at(e.line, concat("has an empty '", head, "'"));
      Formula joined{head == "and" ? Formula::Kind::all : Formula::Kind::any, {}, {}};
      for (std::size_t i = 1; i < e.items.size(); ++i) joined.parts.push_back(formula(e.items[i]));
      return joined;
    }
    const bool less = head == "<=" || head == "<", more = head == ">=" || head == ">";
    if (!less && !more && head != "=")
      reader_.fail_at(e.line, concat("has ", e.is_list() ? quoted(head) : quoted(e.word),
                                     " where and, or, <=, >=, <, > or = is expected"));
    if (e.items.size() != 3)
      reader_.fail_at(e.line, concat("compares ", e.items.size() - 1, " terms by '", head,
                                     "'; two are expected"));
    const Linear left = linear(e.items[1]), right = linear(e.items[2]);
    const bool strict = head.size() == 1 && head != "=";
    if (less) return at_most(left, right, strict, e.line);
    if (more) return at_most(right, left, strict, e.line);
    return {Formula::Kind::all,
            {},
            {at_most(left, right, false, e.line), at_most(right, left, false, e.line)}};
  }

  Formula at_most(const Linear& low, const Linear& high, bool strict, std::size_t line) {
    Linear difference = low;
    difference.add(high, -1);
    Inequality inequality{{}, 0 - difference.constant, strict, line};
    for (const auto& term : difference.terms)
      if (term.second != 0) inequality.terms.insert(term);
    if (!inequality.terms.empty()) {
      const Variable &first = inequality.terms.begin()->first,
                     &last = inequality.terms.rbegin()->first;
      if (first.output != last.output)
        reader_.fail_at(
            line, concat("compares an input with an output (", text_of(first), ", ", text_of(last),
                         "); constrain inputs by numbers, and outputs by numbers or "
                         "other outputs"));
    }
    return {Formula::Kind::inequality, std::move(inequality), {}};
  }

  Linear linear(const Expression& e) {
    Linear sum = e.is_list() ? operation(e) : single(e);
    bool finite = std::isfinite(sum.constant);
    for (const auto& [variable, coefficient] : sum.terms) finite &= std::isfinite(coefficient);
    if (!finite) reader_.fail_at(e.line, "has a term with a number too large for a double");
    return sum;
  }

  Linear single(const Expression& e) {
    if (const auto found = names_.find(e.word); found != names_.end())
      return {{{found->second, 1.0}}, 0};
    if (const auto number = parse_number(e.word)) return {{}, *number};
    const char first = e.word[0];
    const bool digits = (first >= '0' && first <= '9') || first == '-' || first == '+';
    if (digits)
      reader_.fail_at(e.line, concat("has ", quoted(e.word), ", which is no number of a double"));
    reader_.fail_at(e.line, concat("uses ", quoted(e.word), ", which is not declared"));
  }

  Linear operation(const Expression& e) {
    const std::string_view head = e.head();
    const std::size_t terms = e.items.size() - 1;
    if (e.items.empty() || (head != "+" && head != "-" && head != "*"))
      reader_.fail_at(e.line, concat("has ", quoted(head), " in a term; +, - and * are known"));
    if (terms == 0) reader_.fail_at(e.line, concat("has a '", head, "' of nothing"));
    Linear sum = linear(e.items[1]);
    if (head == "-" && terms == 1) {
      Linear negative;
      negative.add(sum, -1);
      return negative;
    }
    for (std::size_t i = 2; i <= terms; ++i) {
      const Linear next = linear(e.items[i]);
      if (head != "*")
        sum.add(next, head == "+" ? 1 : -1);
      else
        sum = product(sum, next, e.line);
    }
    return sum;
  }

  Linear product(const Linear& a, const Linear& b, std::size_t line) const {
    if (!a.terms.empty() && !b.terms.empty())
      reader_.fail_at(line, concat("multiplies ", text_of(a.terms.begin()->first), " by ",
                                   text_of(b.terms.begin()->first), "; terms must be linear"));
    Linear result;
    result.add(a.terms.empty() ? b : a, a.terms.empty() ? a.constant : b.constant);
    return result;
  }

  Reader reader_;
  const std::string& name_;
  std::map<std::string_view, Variable> names_;
  Formula assertions_;
};

}  // namespace

VnnLib parse_vnnlib(std::string_view text, const std::string& name) {
  return Parser(text, name).parse();
}

VnnLib read_vnnlib(const std::filesystem::path& path) {
  const std::string content = read_file(path, most_bytes);
  if (!data::is_gzip(content)) return parse_vnnlib(content, path.string());
  data::Gunzip packed(content, path.string());
  std::string text;
  for (std::size_t size = std::size_t{1} << 16, got = size; got == size;) {
    text.resize(text.size() + size);
    got = packed.read({reinterpret_cast<std::uint8_t*>(text.data()) + text.size() - size, size});
    text.resize(text.size() - size + got);
    if (text.size() > most_bytes)
      fail("'", path.string(), "' unpacks to more than ",
           bytes_text(static_cast<std::int64_t>(most_bytes)), ", too much for a property");
  }
  return parse_vnnlib(text, path.string());
}

void check_fits(const VnnLib& property, std::size_t inputs, std::size_t outputs) {
  if (property.inputs == inputs && property.outputs == outputs) return;
  fail("the property is about ", property.inputs, " inputs and ", property.outputs,
       " outputs (X_0 to X_", property.inputs - 1, ", Y_0 to Y_", property.outputs - 1,
       "), but the network has ", inputs, " and ", outputs,
       "; inputs and outputs are counted as they lie in memory");
}

}  // namespace rectify::verify
