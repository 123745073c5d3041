/* Rectify from C: loads a trained model and computes its answers.
 *
 *     char error[256];
 *     rectify_model* model;
 *     if (rectify_model_load("run/best.safetensors", &model, error, sizeof error) != RECTIFY_OK)
 *       return report(error);
 *     float sample[784] = {0}, answer[10];
 *     if (rectify_model_run(model, 1, sample, 784, answer, 10, error, sizeof error) != RECTIFY_OK)
 *       report(error);
 *     rectify_model_free(model);
 *
 * examples/predict.c is a whole program.
 *
 * Threads: every function may be called from any thread, and several threads may use one model at
 * once. No thread may use a model while another frees it, or afterwards.
 *
 * Errors: no call ends the process, prints, or lets a C++ exception out. A call that fails returns
 * a status that says why. Functions with an `error` parameter also write one line of text there.
 * `error` is the caller's memory of `error_size` bytes; pass NULL or 0 if you want no text. The
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
 * name ends in .onnx. Images are given channels last to both. On success the caller frees *model
 * with rectify_model_free; on failure *model is NULL. */
rectify_status rectify_model_load(const char* path, rectify_model** model, char* error,
                                  size_t error_size);

/* Frees a model; NULL is allowed. */
void rectify_model_free(rectify_model* model);

/* How many numbers one sample has, and how many one answer has; 0 for NULL. */
size_t rectify_model_inputs(const rectify_model* model);
size_t rectify_model_outputs(const rectify_model* model);

/* How many rows one answer has; 0 for NULL. It is 1 for most models. A model that answers at each
 * place of its sample, as of a text, has one row for each place. The rows stand one after the other
 * and are equally long: rectify_model_outputs is rows x numbers in a row. */
size_t rectify_model_rows(const rectify_model* model);

/* How many classes the model tells apart in each row of an answer; 0 for a regression and for
 * NULL. */
size_t rectify_model_classes(const rectify_model* model);

/* The name of class `index`; NULL when there is no such class. The text lives as long as the
 * model. */
const char* rectify_model_class_name(const rectify_model* model, size_t index);

/* Computes the answers to `samples` samples, on the calling thread.
 *
 * `inputs`: samples x rectify_model_inputs floats, one sample after the other, as they were in the
 * data: the model normalises them itself.
 * `outputs`: receives samples x rectify_model_outputs floats, the outputs of the network. A
 * classifier has one number for each class in each row of its answer, so rows x classes numbers,
 * and the largest of a row belongs to the likeliest class. With two classes and one number in a
 * row, a number above 0 means the second class. A regression answers in the units of its targets.
 * `inputs_size`, `outputs_size`: how many floats the two arrays hold; both must fit exactly.
 *
 * After RECTIFY_BAD_ARGUMENT nothing has been written to `outputs`. */
rectify_status rectify_model_run(const rectify_model* model, size_t samples, const float* inputs,
                                 size_t inputs_size, float* outputs, size_t outputs_size,
                                 char* error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
