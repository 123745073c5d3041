/* Rectify from C: loads a trained model and lets it answer. examples/predict.c is an example.
 *
 * Every function may be called from any thread; one model may be used by several at once, except
 * that nobody may use it while or after it is freed. No call ends the process, prints, or lets a
 * C++ exception out. A call that fails says why by its status and, where it has `error`, as one
 * line of text.
 *
 * `error` is memory of the caller, `error_size` bytes of it; NULL or 0 when no text is wanted. The
 * text ends in '\0' and is cut off where there is no room; after success it is "". */
#ifndef RECTIFY_H
#define RECTIFY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rectify_model rectify_model;

typedef enum rectify_status {
  RECTIFY_OK = 0,
  RECTIFY_BAD_ARGUMENT = 1, /* NULL, or a size that does not fit the model */
  RECTIFY_BAD_FILE = 2,     /* missing, unreadable, damaged, or not written by rectify */
  RECTIFY_NO_MEMORY = 3,
  RECTIFY_INTERNAL = 4 /* a fault of the library; the text helps to report it */
} rectify_status;

/* The library's version, such as "0.1.0". */
const char* rectify_version(void);

/* What a status means, in a few words; never NULL. */
const char* rectify_status_text(rectify_status status);

/* Loads a model.safetensors or best.safetensors that `rectify train` wrote, or an ONNX model, whose
 * name ends in .onnx; images go in channels last either way. On success *model is to
 * be freed with rectify_model_free; on failure it is NULL. */
rectify_status rectify_model_load(const char* path, rectify_model** model, char* error,
                                  size_t error_size);

/* Frees a model; NULL is allowed. */
void rectify_model_free(rectify_model* model);

/* How many numbers a sample has, and an answer; 0 for NULL. */
size_t rectify_model_inputs(const rectify_model* model);
size_t rectify_model_outputs(const rectify_model* model);

/* How many classes the model tells apart; 0 for a regression and for NULL. */
size_t rectify_model_classes(const rectify_model* model);

/* The name of class `index`, which lives as long as the model; NULL when there is no such class. */
const char* rectify_model_class_name(const rectify_model* model, size_t index);

/* Answers for `rows` samples. `inputs` has rows x rectify_model_inputs floats, a sample after the
 * other, as they were in the data (the model normalises them itself); `outputs` receives rows x
 * rectify_model_outputs floats: what the network ends in, which for a classifier is one number a
 * class, the largest at the likeliest (with two classes and one output: above 0 for the second).
 * What a regression predicts is in the units of its targets.
 * `inputs_size` and `outputs_size` say how many floats the two arrays hold, and must fit exactly.
 * After RECTIFY_BAD_ARGUMENT nothing has been written to `outputs`. Computes on the calling thread.
 */
rectify_status rectify_model_run(const rectify_model* model, size_t rows, const float* inputs,
                                 size_t inputs_size, float* outputs, size_t outputs_size,
                                 char* error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
