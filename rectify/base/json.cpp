#include "rectify/base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rectify {

namespace {

using Library = nlohmann::json;

/// Builds a value from what the library's parser finds, in its order.
class Builder : public nlohmann::json_sax<Library> {
 public:
  Json result() { return std::move(result_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(std::int64_t value) override { return put(value); }
  bool number_unsigned(std::uint64_t value) override { return put(value); }
  bool number_float(double value, const std::string&) override { return put(value); }
  bool string(std::string& value) override { return put(value); }
  bool binary(Library::binary_t&) override { return false; }  // is no JSON

  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool key(std::string& name) override {
    open_.back().name = std::move(name);
    return true;
  }
  bool end_array() override {
    Json list = Json::array();
    for (auto& [name, item] : open_.back().members) list.push_back(std::move(item));
    return close(std::move(list));
  }
  bool end_object() override {
    std::vector<std::string_view> names;
    for (const auto& [name, member] : open_.back().members) names.push_back(name);
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
      throw JsonError(concat("an object in which the name '", *twice, "' stands twice"));
    return close(Json::object(std::move(open_.back().members)));
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    throw JsonError(concat("not JSON: ", error.what()));
  }

 private:
  /// A list or an object whose end has not been read; the members of a list have no names.
  struct Open {
    std::string name;  ///< of the member that comes next
    Json::Object members;
  };

  bool open() {
    constexpr std::size_t deepest = 64;  // so that nothing that recurses runs out of stack
    if (open_.size() == deepest) throw JsonError("JSON that nests too deeply");
    open_.emplace_back();
    return true;
  }
  bool close(Json value) {
    open_.pop_back();
    return put(std::move(value));
  }
  bool put(Json value) {
    if (open_.empty())
      result_ = std::move(value);
    else
      open_.back().members.emplace_back(std::move(open_.back().name), std::move(value));
    return true;
  }

  std::vector<Open> open_;
  Json result_;
};

std::string dump_text(const std::string& text, Json::BadText bad) {
  try {
    return Library(text).dump(-1, ' ', false,
                              bad == Json::BadText::replace ? Library::error_handler_t::replace
                                                            : Library::error_handler_t::strict);
  } catch (const Library::exception& error) {
    throw JsonError(concat("a text that is not UTF-8: ", error.what()));
  }
}

/// Lists and objects: their parts, each on a line of its own where levels are indented.
class Lines {
 public:
  Lines(std::string& out, int indent, int level) : out_(out), indent_(indent), level_(level) {}
  void next() {
    if (!first_) out_ += ',';
    first_ = false;
    break_line(level_ + 1);
  }
  void end() {
    if (!first_) break_line(level_);
  }

 private:
  void break_line(int level) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_ * level), ' ');
  }

  std::string& out_;
  int indent_, level_;
  bool first_ = true;
};

}  // namespace

Json::Json(std::nullptr_t) : value_(nullptr) {}
Json::Json(Array items, int) : value_(std::move(items)) {}
Json::Json(Object members, int) : value_(std::move(members)) {}
Json::Json(const Json&) = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(const Json&) = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Json::Json(std::initializer_list<Json> items) {
  const auto is_member = [](const Json& item) {
    return item.is_array() && item.size() == 2 && item.at(0).is_text();
  };
  if (!std::ranges::all_of(items, is_member)) {
    value_ = Array(items);
    return;
  }
  Object members;
  for (const Json& item : items) members.emplace_back(item.at(0).text(), item.at(1));
  value_ = std::move(members);
}

Json Json::parse(std::string_view text) {
  Builder builder;
  Library::sax_parse(text, &builder);
  return builder.result();
}

std::string Json::dump(int indent, BadText bad) const {
  std::string out;
  dump_to(out, indent, 0, bad);
  return out;
}

void Json::dump_to(std::string& out, int indent, int level, BadText bad) const {
  if (const auto* list = std::get_if<Array>(&value_)) {
    Lines lines(out += '[', indent, level);
    for (const Json& item : *list) {
      lines.next();
      item.dump_to(out, indent, level + 1, bad);
    }
    lines.end();
    out += ']';
  } else if (const auto* object = std::get_if<Object>(&value_)) {
    Lines lines(out += '{', indent, level);
    for (const auto& [name, member] : *object) {
      lines.next();
      out += dump_text(name, bad) + (indent < 0 ? ":" : ": ");
      member.dump_to(out, indent, level + 1, bad);
    }
    lines.end();
    out += '}';
  } else if (is_text()) {
    out += dump_text(text(), bad);
  } else if (const auto* number = std::get_if<double>(&value_)) {
    out += Library(*number).dump();
  } else if (const auto* whole = std::get_if<std::int64_t>(&value_)) {
    out += std::to_string(*whole);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value_)) {
    out += std::to_string(*natural);
  } else {
    out += is_null() ? "null" : truth() ? "true" : "false";
  }
}

void Json::is_not(const char* wanted) const {
  throw JsonError(
      concat("where ", wanted, " belongs, it says ", dump(-1, BadText::replace).substr(0, 40)));
}

bool Json::truth() const {
  const auto* value = std::get_if<bool>(&value_);
  if (!value) is_not("true or false");
  return *value;
}

double Json::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*whole);
  if (const auto* natural = std::get_if<std::uint64_t>(&value_))
    return static_cast<double>(*natural);
  const auto* value = std::get_if<double>(&value_);
  if (!value) is_not("a number");
  return *value;
}

const std::string& Json::text() const {
  const auto* value = std::get_if<std::string>(&value_);
  if (!value) is_not("a text");
  return *value;
}

const Json::Array& Json::items() const {
  const auto* value = std::get_if<Array>(&value_);
  if (!value) is_not("a list");
  return *value;
}

const Json::Object& Json::members() const& {
  const auto* value = std::get_if<Object>(&value_);
  if (!value) is_not("an object");
  return *value;
}

std::size_t Json::size() const {
  return is_array() ? items().size() : is_object() ? members().size() : 0;
}

const Json& Json::at(std::size_t i) const {
  if (i >= items().size()) throw JsonError(concat("a list has no item ", i, ": ", dump()));
  return items()[i];
}

void Json::push_back(Json item) {
  if (is_null()) value_ = Array();
  items().push_back(std::move(item));
}

Json::Array& Json::items() { return const_cast<Array&>(std::as_const(*this).items()); }

Json::Array::iterator Json::begin() { return items().begin(); }

Json::Array::iterator Json::end() { return items().end(); }

Json::Array::const_iterator Json::begin() const { return items().begin(); }

Json::Array::const_iterator Json::end() const { return items().end(); }

bool Json::contains(std::string_view name) const {
  return is_object() && std::ranges::count(members(), name, &Object::value_type::first) > 0;
}

const Json& Json::at(std::string_view name) const {
  const auto found = std::ranges::find(members(), name, &Object::value_type::first);
  if (found == members().end()) throw JsonError(concat("there is no '", name, "'"));
  return found->second;
}

Json& Json::member(std::string_view name) {
  if (is_null()) value_ = Object();
  members();
  Object& object = std::get<Object>(value_);
  const auto found = std::ranges::find(object, name, &Object::value_type::first);
  return found != object.end() ? found->second : object.emplace_back(name, nullptr).second;
}

void Json::erase(std::string_view name) {
  members();
  std::erase_if(std::get<Object>(value_), [&](const auto& member) { return member.first == name; });
}

bool operator==(const Json& a, const Json& b) {
  if (a.value_.index() == b.value_.index()) return a.value_ == b.value_;
  if (!a.is_number() || !b.is_number()) return false;
  if (!a.is_whole() || !b.is_whole()) return a.number() == b.number();
  const auto* signed_a = std::get_if<std::int64_t>(&a.value_);  // and the other is unsigned
  return signed_a
             ? std::cmp_equal(*signed_a, std::get<std::uint64_t>(b.value_))
             : std::cmp_equal(std::get<std::uint64_t>(a.value_), std::get<std::int64_t>(b.value_));
}

}  // namespace rectify
