#pragma once

#include <array>
#include <string>
#include <string_view>

#include "rectify/base/json.h"
#include "rectify/report/training.h"

/// A training run while it goes on.
namespace rectify::report {

enum class WatchStage { waiting, searching, training, ended };
constexpr std::array<std::string_view, 4> names_of(WatchStage) {
  return {"waiting", "searching", "training", "ended"};
}

/// What is known of a run that is watched.
struct Watched {
  std::string folder;  ///< as it was asked for
  std::string stamp;   ///< another one whenever anything below but `age` changes
  WatchStage stage = WatchStage::waiting;
  int trials = 0;           ///< of a search for the learning rate, that are done
  double age = 0;           ///< seconds since the last figures came
  bool has_report = false;  ///< the run's page can be had as "report"
  Training run;             ///< Training::end counts only where it has ended
};

/// The live page. Its script asks for "data?seen=STAMP" below the page's own address every second,
/// and draws what comes.
std::string watch_page(const Watched& watched);

/// What the script gets where its stamp is not `watched.stamp` any more.
Json watch_update(const Watched& watched);

}  // namespace rectify::report
