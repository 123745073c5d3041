#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <new>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/dataset.h"
#include "rectify/data/kinds.h"
#include "rectify/data/splits/test_split.h"
#include "rectify/data/table/learn.h"

namespace rectify::data {

namespace {

[[noreturn]] void fail_unknown(const std::string& spec, const std::string& name) {
  if (trim(spec).empty()) {
    std::string forms;
    for (const Kind* kind : kinds()) forms += (forms.empty() ? "" : ", ") + std::string(kind->form);
    fail("data SPEC is empty; it may be ", forms);
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(spec, ignored))
    fail("data '", spec,
         "': say what kind of data it is; for a folder of IDX files write mnist:", spec,
         ", for folders of pictures images:", spec);
  if (std::filesystem::exists(spec, ignored))
    fail("data '", spec, "': say what kind of data it is; for a table write csv:", spec,
         ":LABEL, for NumPy's arrays npz:", spec);
  if (spec.find(':') == spec.npos && spec.find_first_of("./") != spec.npos)
    fail("data '", spec, "': there is no such file or folder");
  std::vector<std::string> names;
  for (const Kind* kind : kinds()) names.emplace_back(kind->name);
  fail("data '", spec, "': there is no kind '", name, "'", suggestion(name, names));
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// Checks what every kind must guarantee, whatever file the data came from.
void check(const Dataset& dataset, const Request& request) {
  if (dataset.train.count == 0) fail(request.what(), ": there are no training samples");
  for (const Split* split : {&dataset.train, &dataset.test})
    if (split->count > std::numeric_limits<std::uint32_t>::max())
      fail(request.what(), ": ", split->count, " samples are more than the ",
           std::numeric_limits<std::uint32_t>::max(), " that can be addressed");
}

/// Fills gaps by what a model knows. Models from before there were forms know nothing of gaps.
void fill_known(Dataset& dataset, const std::string& what) {
  for (Split* split : {&dataset.train, &dataset.test}) {
    fill_missing(split->values, dataset.table, dataset.notes);
    if (std::ranges::any_of(split->values, [](float v) { return std::isnan(v); }))
      fail(what,
           ": a value is missing, and the model does not know what to take for it; fill it in");
  }
}

/// Notes which columns of a table are constant: they tell a network nothing.
void note_constant_columns(Dataset& dataset, ThreadPool& threads) {
  if (dataset.columns.empty()) return;
  std::vector<std::uint32_t> samples(dataset.train.count);
  std::iota(samples.begin(), samples.end(), 0u);
  const Normalisation normalisation = normalisation_of(dataset, samples, threads);
  constexpr std::size_t most = 10;  // a table of pixels may have hundreds
  std::string names;
  std::size_t count = 0;
  for (std::size_t i = 0; i < dataset.columns.size(); ++i)
    if (normalisation.inputs[i].scale == 0 && ++count <= most)
      names += (names.empty() ? "'" : ", '") + dataset.columns[i] + "'";
  if (count == 0) return;
  if (count > most) names += concat(" and ", count - most, " more");
  dataset.notes.push_back(concat(
      count == 1 ? "a column has one value in all training samples and is"
                 : concat(count, " columns have one value each in all training samples and are"),
      " taken as 0: ", names));
}

/// The kind that `spec` names. Throws Error where there is none.
const Kind& kind_of(const std::string& spec) {
  const std::string name(trim(std::string_view(spec).substr(0, spec.find(':'))));
  for (const Kind* kind : kinds())
    if (name == kind->name) return *kind;
  fail_unknown(spec, name);
}

Request request_of(const std::string& spec, const Known& known) {
  const std::size_t colon = spec.find(':');
  return {spec, colon == std::string::npos ? "" : spec.substr(colon + 1), known};
}

}  // namespace

bool leaves_task_open(const std::string& spec) {
  const std::string_view name = trim(std::string_view(spec).substr(0, spec.find(':')));
  for (const Kind* kind : kinds())
    if (name == kind->name) return contains(kind->form, "task=") && !contains(spec, ",task=");
  return false;
}

std::string with_task(const std::string& spec, Task task) {
  const std::string option = concat(",task=", rectify::name_of(task));
  if (task == Task::automatic || spec.ends_with(option)) return spec;
  if (leaves_task_open(spec)) return spec + option;
  if (contains(spec, ",task=")) fail("--task ", rectify::name_of(task), " but data '", spec, "'");
  fail("--task is for tables and arrays (csv, npy, npz); data '", spec, "' are what they are");
}

Dataset open(const std::string& spec, ThreadPool& threads, const Known& known) {
  const Kind& kind = kind_of(spec);
  const Request request = request_of(spec, known);
  try {
    Dataset dataset = kind.open(request, threads);
    dataset.spec = spec;
    check(dataset, request);
    if (known.whole && !known.or_own_test && dataset.test.count > 0)
      fail(request.what(), " has a test split of its own; take --split test or train");
    if (dataset.test.count == 0 && !known.whole) hold_out_test(dataset, request.what());
    if (known.table)
      fill_known(dataset, request.what());
    else
      fill_missing(dataset, request.what());
    if (!known.table) note_constant_columns(dataset, threads);
    return dataset;
  } catch (const std::bad_alloc&) {
    fail(request.what(), ": there is not enough memory to hold it; take fewer samples");
  } catch (const std::length_error&) {
    fail(request.what(), ": there is not enough memory to hold it; take fewer samples");
  }
}

std::vector<std::string> paths_of(const std::string& spec) {
  const Kind& kind = kind_of(spec);
  std::vector<std::string> paths;
  if (kind.paths) paths = kind.paths(request_of(spec, {}));
  std::erase(paths, "");  // which open() refuses
  return paths;
}

SampleInfo sample_info(const std::string& spec) {
  const Kind& kind = kind_of(spec);
  return kind.info ? kind.info(request_of(spec, {})) : SampleInfo{};
}

}  // namespace rectify::data
