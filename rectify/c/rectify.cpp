#include "rectify/c/rectify.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/version.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "rectify/model/predictor.h"

struct rectify_model {
  explicit rectify_model(rectify::model::Model model) : predictor(std::move(model)) {}
  rectify::model::Predictor predictor;
};

namespace {

/// The caller's memory for an error's text; has "" in it until something is said.
class ErrorText {
 public:
  ErrorText(char* text, std::size_t size) : text_(text), size_(text ? size : 0) { say(""); }

  void say(std::string_view what) {
    if (size_ == 0) return;
    const std::size_t length = std::min(what.size(), size_ - 1);
    std::memcpy(text_, what.data(), length);
    text_[length] = '\0';
  }

 private:
  char* text_;
  std::size_t size_;
};

/// Runs `work`, whose Errors mean `blame`, and turns what it throws into a status and a text.
template <class Work>
rectify_status guarded(ErrorText error, rectify_status blame, Work&& work) noexcept {
  try {
    work();
    return RECTIFY_OK;
  } catch (const rectify::Error& e) {
    error.say(e.what());
    return blame;
  } catch (const std::bad_alloc&) {
    error.say("there is not enough memory");
    return RECTIFY_NO_MEMORY;
  } catch (const std::exception& e) {
    error.say(e.what());
  } catch (...) {
    error.say("an exception of unknown type");
  }
  return RECTIFY_INTERNAL;
}

rectify_status refuse(ErrorText error, std::string_view what) {
  error.say(what);
  return RECTIFY_BAD_ARGUMENT;
}

/// Whether `size` is count x width, without overflow.
bool is_product(std::size_t size, std::size_t count, std::size_t width) {
  return width != 0 && count <= std::numeric_limits<std::size_t>::max() / width &&
         size == count * width;
}

}  // namespace

const char* rectify_version(void) { return rectify::version; }

const char* rectify_status_text(rectify_status status) {
  switch (status) {
    case RECTIFY_OK:
      return "done";
    case RECTIFY_BAD_ARGUMENT:
      return "a bad argument";
    case RECTIFY_BAD_FILE:
      return "a file that cannot be used";
    case RECTIFY_NO_MEMORY:
      return "not enough memory";
    case RECTIFY_INTERNAL:
      return "a fault of the library";
  }
  return "an unknown status";
}

rectify_status rectify_model_load(const char* path, rectify_model** model, char* error,
                                  size_t error_size) {
  const ErrorText text(error, error_size);
  if (!model) return refuse(text, "there is no place for the model: 'model' is NULL");
  *model = nullptr;
  if (!path) return refuse(text, "there is no path: 'path' is NULL");
  return guarded(text, RECTIFY_BAD_FILE,
                 [&] { *model = new rectify_model(rectify::model::load_model(path)); });
}

void rectify_model_free(rectify_model* model) { delete model; }

size_t rectify_model_inputs(const rectify_model* model) {
  return model ? model->predictor.inputs() : 0;
}

size_t rectify_model_outputs(const rectify_model* model) {
  return model ? model->predictor.outputs() : 0;
}

size_t rectify_model_rows(const rectify_model* model) {
  if (!model) return 0;
  const rectify::model::Predictor& predictor = model->predictor;
  return predictor.outputs() /
         static_cast<std::size_t>(rectify::model::outputs_in_row(predictor.model()));
}

size_t rectify_model_classes(const rectify_model* model) {
  return model ? model->predictor.model().class_names.size() : 0;
}

const char* rectify_model_class_name(const rectify_model* model, size_t index) {
  if (index >= rectify_model_classes(model)) return nullptr;
  return model->predictor.model().class_names[index].c_str();
}

rectify_status rectify_model_run(const rectify_model* model, size_t samples, const float* inputs,
                                 size_t inputs_size, float* outputs, size_t outputs_size,
                                 char* error, size_t error_size) {
  const ErrorText text(error, error_size);
  if (!model) return refuse(text, "there is no model: 'model' is NULL");
  if (samples > 0 && (!inputs || !outputs))
    return refuse(text, inputs ? "there is no room for answers: 'outputs' is NULL"
                               : "there are no samples: 'inputs' is NULL");
  const rectify::model::Predictor& predictor = model->predictor;
  const rectify_status status = guarded(text, RECTIFY_BAD_ARGUMENT, [&] {
    if (!is_product(inputs_size, samples, predictor.inputs()))
      rectify::fail(samples, " samples of ", predictor.inputs(), " numbers are not the ",
                    inputs_size, " numbers of 'inputs_size'");
    if (!is_product(outputs_size, samples, predictor.outputs()))
      rectify::fail(samples, " answers of ", predictor.outputs(), " numbers are not the ",
                    outputs_size, " numbers of 'outputs_size'");
  });
  if (status != RECTIFY_OK) return status;
  // The sizes fit, so what is left to go wrong with an Error is memory for the plan.
  return guarded(text, RECTIFY_NO_MEMORY, [&] {
    predictor.run({inputs, inputs_size}, {outputs, outputs_size});
  });
}
