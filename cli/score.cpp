#include "cli/score.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/model/remarks.h"
#include "rectify/report/format.h"

namespace rectify::cli {

namespace {

std::string number(double value) { return report::significant_text(value, 5); }

}  // namespace

std::string score_text(const model::Evaluation& e) {
  if (!e.confusion.empty())
    return concat("error ", report::percent_text(e.error, 2), " %",
                  " (always the commonest class: ",
                  report::percent_text(model::baseline_error(e), 2), " %", ")");
  return concat("rmse ", number(e.error), ", mean absolute error ",
                number(e.regression.absolute_error), ", R2 ", fixed_text(e.regression.r2, 4),
                " (predicting the mean: rmse ", number(e.regression.baseline), ")");
}

void put_scores(Json& json, const model::Evaluation& e) {
  json["baseline_error"] = model::baseline_error(e);
  if (!e.confusion.empty()) return;
  json["mean_absolute_error"] = e.regression.absolute_error;
  json["r2"] = e.regression.r2;
}

}  // namespace rectify::cli
