// Tables, what is learnt of them, and the same rows as new ones to the form learnt; the first byte
// chooses the column of the labels.

#include "rectify/data/formats/csv.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/data/table/learn.h"

using rectify::data::Missing;
using rectify::data::TableForm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  if (size == 0) return 0;
  for (const char* label : {"label", data[0] % 2 ? "1" : "0"}) try {
      const rectify::data::Table table =
          rectify::data::parse_csv(content.substr(1), {.label = label}, "input");
      std::vector<std::string> notes;
      const auto missing = data[0] % 4 < 2 ? Missing::median : Missing::indicator;
      const TableForm form = rectify::data::learn_form(table, missing, "input", notes);
      const std::vector<float> values = rectify::data::features_of(table, form, notes);
      const TableForm known = rectify::data::table_form_from_json(rectify::data::to_json(form));
      const std::string_view below = content.substr(std::min(content.find('\n') + 1, size));
      for (const std::string_view rows : {content.substr(1), below}) try {
          rectify::data::features_of(
              rectify::data::parse_csv(rows, {.labels_may_miss = true, .form = &known}, "new rows"),
              known, notes);
        } catch (const rectify::Error&) {
        }
    } catch (const rectify::Error&) {
    }
  return 0;
}
