/* Computes the answer of a trained model, from C: predict MODEL [NUMBERS...]
 *
 * The numbers are one sample; without any, all are 0. Rows of an answer have an empty line between
 * them. */
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
  int failed = !sample || !answer;
  for (size_t i = 0; !failed && i < inputs && i + 2 < (size_t)count; ++i)
    sample[i] = strtof(words[i + 2], NULL);
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
