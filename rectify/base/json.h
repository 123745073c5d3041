#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "rectify/base/error.h"

namespace rectify {

/// What functions of Json throw: a text that is not JSON, or a value of another kind than asked
/// for.
struct JsonError : Error {
  using Error::Error;
};

/// A JSON value: null, true or false, a number, a text, a list, or an object, whose members keep
/// their order.
///
///     Json run = {{"schema", 1}, {"rates", {0.1, 0.2}}, {"layers", Json::array()}};
///     run["layers"].push_back({{"label", "relu1"}, {"units", 256}});
///     write_file(path, run.dump(2));
///
///     const Json read = Json::parse(read_file(path));
///     const int schema = read.at("schema").get<int>();
///
/// Numbers are written with the fewest digits that read back as the same double; what is not finite
/// as null.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;
  enum class BadText { refuse, replace };  ///< texts that are not UTF-8: JsonError, or U+FFFD

  Json(std::nullptr_t = nullptr);
  /// A list; an object when each item is a list of a text and a value.
  Json(std::initializer_list<Json> items);
  /// A truth, number, text, a range of those as a list, or a map of texts as an object.
  template <class T>
  requires(!std::same_as<std::remove_cvref_t<T>, Json>) Json(const T& value);
  static Json array() { return Json(Array(), 0); }
  static Json object(Object members = {}) { return Json(std::move(members), 0); }

  Json(const Json&);
  Json(Json&&) noexcept;
  Json& operator=(const Json&);
  Json& operator=(Json&&) noexcept;
  ~Json();

  /// Reads one document. Throws JsonError for a text that is not JSON, in which a name stands twice
  /// in an object, or that nests more than 64 deep.
  static Json parse(std::string_view text);
  /// In one line, or with lines that each level indents by `indent` blanks.
  std::string dump(int indent = -1, BadText bad = BadText::refuse) const;

  bool is_null() const { return holds<std::nullptr_t>(); }
  bool is_number() const { return is_whole() || holds<double>(); }
  bool is_text() const { return holds<std::string>(); }
  bool is_array() const { return holds<Array>(); }
  bool is_object() const { return holds<Object>(); }

  /// The value as a bool, number, std::string or std::vector of those. Throws JsonError for a value
  /// of another kind, and for a number that is not whole or too large for a whole T.
  template <class T>
  T get() const;

  /// Of a list or an object; 0 of others.
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// Items of a list. Throws JsonError where there is none.
  const Json& at(std::size_t i) const;
  const Json& operator[](std::size_t i) const { return at(i); }
  /// Adds to a list, which a null becomes.
  void push_back(Json item);
  Array::iterator begin();
  Array::iterator end();
  Array::const_iterator begin() const;
  Array::const_iterator end() const;

  /// Members of an object. Throws JsonError where there is none. Not of a temporary, which would be
  /// gone before a loop over its members begins.
  bool contains(std::string_view name) const;
  const Json& at(std::string_view name) const;
  const Json& operator[](std::string_view name) const { return at(name); }
  /// Adds a member that is not there. Makes a null an object.
  template <std::convertible_to<std::string_view> Name>  // which 0, an item's place, is not
  Json& operator[](const Name& name) {
    return member(name);
  }
  void erase(std::string_view name);
  const Object& members() const&;
  const Object& members() const&& = delete;

  /// Numbers are compared by their value.
  friend bool operator==(const Json& a, const Json& b);

 private:
  Json(Array items, int);
  Json(Object members, int);
  template <class T>
  bool holds() const {
    return std::holds_alternative<T>(value_);
  }
  bool is_whole() const { return holds<std::int64_t>() || holds<std::uint64_t>(); }
  void dump_to(std::string& out, int indent, int level, BadText bad) const;
  bool truth() const;
  double number() const;
  const std::string& text() const;
  const Array& items() const;
  Array& items();
  Json& member(std::string_view name);
  [[noreturn]] void is_not(const char* wanted) const;

  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      value_;
};

template <class T>
requires(!std::same_as<std::remove_cvref_t<T>, Json>) Json::Json(const T& value) {
  if constexpr (std::same_as<T, bool>) {
    value_ = value;
  } else if constexpr (std::signed_integral<T>) {
    value_ = static_cast<std::int64_t>(value);
  } else if constexpr (std::unsigned_integral<T>) {
    value_ = static_cast<std::uint64_t>(value);
  } else if constexpr (std::floating_point<T>) {
    value_ = static_cast<double>(value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    value_ = std::string(std::string_view(value));
  } else if constexpr (requires { typename T::mapped_type; }) {
    Object members;
    for (const auto& [name, member] : value) members.emplace_back(name, Json(member));
    value_ = std::move(members);
  } else {
    Array list;
    for (const auto& item : value) list.push_back(Json(item));
    value_ = std::move(list);
  }
}

template <class T>
T Json::get() const {
  if constexpr (std::same_as<T, bool>) {
    return truth();
  } else if constexpr (std::integral<T>) {
    if (const auto* whole = std::get_if<std::uint64_t>(&value_); whole && std::in_range<T>(*whole))
      return static_cast<T>(*whole);
    if (const auto* whole = std::get_if<std::int64_t>(&value_); whole && std::in_range<T>(*whole))
      return static_cast<T>(*whole);
    is_not("a whole number");
  } else if constexpr (std::floating_point<T>) {
    return static_cast<T>(number());
  } else if constexpr (std::same_as<T, std::string>) {
    return text();
  } else {
    T list;
    for (const Json& item : items()) list.push_back(item.get<typename T::value_type>());
    return list;
  }
}

}  // namespace rectify
