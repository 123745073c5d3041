#include "rectify/data/formats/npy_header.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::data {

namespace {

/// Reads the text from its start, piece by piece.
class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  [[noreturn]] void damaged(const char* what) const {
    fail("'", name_, "' has a damaged .npy header (", what, "); save the array again");
  }

  bool take(char wanted) {
    skip_space();
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    skip_space();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  bool at_end() {
    skip_space();
    return text_.empty();
  }

  std::string quoted() {
    skip_space();
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) damaged("a name is not in quotes");
    const std::size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) damaged("a quote is not closed");
    std::string inside(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return inside;
  }

  std::int64_t extent() {
    skip_space();
    const std::size_t end = text_.find_first_not_of("0123456789");
    const auto value = parse_integer(text_.substr(0, end));
    if (!value) damaged("an extent of the shape is not a whole number");
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end);
    if (text_.starts_with('L')) text_.remove_prefix(1);  // as Python 2 wrote long numbers
    return *value;
  }

  bool next_is(char wanted) {
    skip_space();
    return text_.starts_with(wanted);
  }

 private:
  void skip_space() {
    const std::size_t begin = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(begin == std::string_view::npos ? text_.size() : begin);
  }

  std::string_view text_;
  const std::string& name_;
};

constexpr std::size_t max_rank = 32;  // NumPy's own limit

std::vector<std::int64_t> read_shape(Reader& reader) {
  if (!reader.take('(')) reader.damaged("the shape is not a tuple");
  std::vector<std::int64_t> extents;
  while (!reader.take(')')) {
    if (extents.size() == max_rank) reader.damaged("the shape has more than 32 axes");
    extents.push_back(reader.extent());
    if (!reader.take(',') && !reader.next_is(')')) reader.damaged("the shape is not a tuple");
  }
  return extents;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& name) {
  Reader reader(text, name);
  NpyHeader header;
  bool has_type = false, has_order = false, has_shape = false;
  if (!reader.take('{')) reader.damaged("it is not a dictionary");
  while (!reader.take('}')) {
    const std::string key = reader.quoted();
    if (!reader.take(':')) reader.damaged("a name has no value");
    if (key == "descr" && !has_type) {
      if (reader.next_is('['))
        fail("'", name, "' is an array of records; save an array of plain numbers");
      header.type = reader.quoted();
      has_type = true;
    } else if (key == "fortran_order" && !has_order) {
      header.column_major = reader.take_word("True");
      if (!header.column_major && !reader.take_word("False"))
        reader.damaged("fortran_order is neither True nor False");
      has_order = true;
    } else if (key == "shape" && !has_shape) {
      header.extents = read_shape(reader);
      has_shape = true;
    } else {
      reader.damaged("it has a name that does not belong there");
    }
    if (!reader.take(',') && !reader.next_is('}')) reader.damaged("it is not a dictionary");
  }
  if (!reader.at_end()) reader.damaged("something follows its dictionary");
  if (!has_type || !has_order || !has_shape)
    reader.damaged("descr, fortran_order or shape is missing");
  return header;
}

}  // namespace rectify::data
