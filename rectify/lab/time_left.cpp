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

void PiecesLeft::finish(double seconds) {
  left_ -= 1;
  done_ += 1;
  spent_ += seconds;
}

double PiecesLeft::seconds(double share, double spent) const {
  const double measured = done_ + share;
  // A twentieth of a piece is too little to go by: reading data and warming up are in it.
  const double each = measured > 0.05 ? (spent_ + spent) / measured : guess_;
  return std::max(0.0, left_ - share) * each;
}

}  // namespace rectify::lab
