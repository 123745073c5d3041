/* Computes the answer of a trained model, from C: predict MODEL [NUMBERS...]
 *
 * The numbers are one sample, as many as the model has inputs; without any, all are 0. Rows of an
 * answer have an empty line between them. */
#include <stdio.h>
#include <stdlib.h>

#include "rectify.h"

/* A line for each number of the answer, after the name of its class where there is one. */
static void print_answer(const rectify_model* model, const float* answer) {
  const size_t rows = rectify_model_rows(model), width = rectify_model_outputs(model) / rows;
  for (size_t row = 0; row < rows; ++row) {
    if (row > 0) printf("\n");
    for (size_t i = 0; i < width; ++i) {
      /* A single number tells two classes apart: above 0 it is the second. */
      const char* name = rectify_model_class_name(model, width == 1 ? 1 : i);
      printf("%s%s%g\n", name ? name : "", name ? ": " : "", answer[row * width + i]);
    }
  }
}

/* Reads the words as a sample; 0 and a message where they are none. */
static int read_sample(char** words, size_t count, float* sample, size_t inputs) {
  if (count == 0) return 1;
  if (count != inputs) {
    fprintf(stderr, "predict: the model takes %zu numbers, not %zu\n", inputs, count);
    return 0;
  }
  for (size_t i = 0; i < count; ++i) {
    char* end;
    sample[i] = strtof(words[i], &end);
    if (end == words[i] || *end != '\0') {
      fprintf(stderr, "predict: '%s' is not a number\n", words[i]);
      return 0;
    }
  }
  return 1;
}

int main(int count, char** words) {
  if (count < 2) {
    fprintf(stderr, "usage: predict MODEL [NUMBERS...]\n");
    return 2;
  }
  char error[256];
  rectify_model* model;
  if (rectify_model_load(words[1], &model, error, sizeof error) != RECTIFY_OK) {
    fprintf(stderr, "predict: %s\n", error);
    return 1;
  }
  const size_t inputs = rectify_model_inputs(model), outputs = rectify_model_outputs(model);
  float* sample = calloc(inputs, sizeof *sample);
  float* answer = calloc(outputs, sizeof *answer);
  int failed = !sample || !answer || !read_sample(words + 2, (size_t)count - 2, sample, inputs);
  if (!failed && rectify_model_run(model, 1, sample, inputs, answer, outputs, error,
                                   sizeof error) != RECTIFY_OK) {
    fprintf(stderr, "predict: %s\n", error);
    failed = 1;
  }
  if (!failed) print_answer(model, answer);
  free(sample);
  free(answer);
  rectify_model_free(model);
  return failed;
}
