#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rectify {

/// The parts of `text` between separators. "a,,b" has three parts; "" has one, which is empty.
std::vector<std::string> split(std::string_view text, char separator);

/// `text` without the white space at both ends.
std::string_view trim(std::string_view text);

/// The whole of `text` as a number, read in the C locale; nothing when it is not a number. "inf"
/// and "nan" do not count as numbers here.
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

/// The shortest text that reads back as the same double. The decimal point is '.' in any locale.
std::string number_text(double value);

/// `value` with `digits` digits after the decimal point, which is '.' in any locale.
std::string fixed_text(double value, int digits);

/// A length of time for people: 12 s, 3 min 20 s, 2 h 05 min. `seconds` is not negative.
std::string duration_text(double seconds);

/// 1234567 as "1,234,567".
std::string count_text(std::int64_t count);

/// 1536 as "1.5 KiB".
std::string bytes_text(std::int64_t bytes);

/// `text` in quotes where a shell would need them.
std::string shell_word(const std::string& text);

/// "a", "a and b", "a, b and c".
std::string listed(std::span<const std::string> names);

/// The candidate that `name` most likely means, by edit distance (insertions, deletions, changes,
/// swaps of neighbours) but for capitals, '_' and '-'. Empty when no candidate is near enough.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// The end of an error text: "; did you mean 'relu'?", or a list of all candidates when none is
/// near.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace rectify
