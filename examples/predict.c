/* Computes the answer of a trained model, from C: predict MODEL [NUMBERS...]
 *
 * The numbers are one sample; without any, all are 0. */
#include <stdio.h>
#include <stdlib.h>

#include "rectify.h"

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
  for (size_t i = 0; !failed && i < outputs; ++i) {
    const char* name = rectify_model_class_name(model, i);
    printf("%s%s%g\n", name ? name : "", name ? ": " : "", answer[i]);
  }
  free(sample);
  free(answer);
  rectify_model_free(model);
  return failed;
}
