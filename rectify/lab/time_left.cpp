#include "rectify/lab/time_left.h"

#include <algorithm>

namespace rectify::lab {

void TimeLeft::tell(double worked, double now) {
  const double more = worked - worked_, took = now - now_;
  worked_ = worked;
  now_ = now;
  if (took < 0.05 * more) return;
  fresh_ += more;
  spent_ += took;
}

double TimeLeft::seconds() const {
  const double left = std::max(0.0, total_ - worked_);
  // Two seconds of work tell little; until then the pieces' own word counts for as much.
  return left * (spent_ + 2) / (fresh_ + 2);
}

}  // namespace rectify::lab
