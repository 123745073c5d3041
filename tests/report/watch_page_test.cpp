// The live page of a training run: as text, and in a browser.

#include <gtest/gtest.h>

#include <string>

#include "rectify/base/json.h"
#include "rectify/report/watch.h"
#include "tests/report/browser.h"
#include "tests/report/sample_training.h"

namespace rectify::report {
namespace {

Watched sample_watched(int epochs, WatchStage stage = WatchStage::training, int classes = 10) {
  Watched watched;
  watched.folder = "runs/first";
  watched.stamp = std::to_string(epochs);
  watched.stage = stage;
  watched.run = sample_training(classes, epochs);
  watched.run.epochs = 20;
  if (stage != WatchStage::ended) watched.run.test_error = no_value;
  return watched;
}

std::string headline_of(const Watched& watched) {
  const std::string head = watch_update(watched)["head"].get<std::string>();
  const std::size_t begin = head.find("\">", head.find("<h1")) + 2;
  return head.substr(begin, head.find("</h1>") - begin);
}

TEST(WatchPage, SaysHowFarTheRunHasCome) {
  EXPECT_EQ(headline_of(sample_watched(0, WatchStage::waiting)), "No training has begun here yet.");
  Watched watched = sample_watched(0, WatchStage::searching);
  watched.trials = 1;
  EXPECT_EQ(headline_of(watched), "Searching for a learning rate: 1 trial done.");
  watched.trials = 4;
  EXPECT_EQ(headline_of(watched), "Searching for a learning rate: 4 trials done.");
  EXPECT_EQ(headline_of(sample_watched(0)), "The first epoch of 20 is under way.");
  // 0.6 exp(-0.2 x 5) + 0.02 = 0.24073
  EXPECT_EQ(headline_of(sample_watched(5)), "After epoch 5 of 20: validation error 24.07&nbsp;%.");
  EXPECT_EQ(headline_of(sample_watched(5, WatchStage::training, 0)),
            "After epoch 5 of 20: validation error RMSE 0.2407.");
  EXPECT_EQ(headline_of(sample_watched(20, WatchStage::ended)),
            "Test error 13.70&nbsp;%, by the weights of epoch 20 of 20.");
}

TEST(WatchPage, SaysWhatIsStillToCome) {  // 15 epochs of 0.4 s, each
  const std::string head = watch_update(sample_watched(5))["head"].get<std::string>();
  EXPECT_NE(head.find("<strong>6.0 s</strong><span>15 epochs"), std::string::npos) << head;
  for (const Watched& done : {sample_watched(20), sample_watched(5, WatchStage::ended)})
    EXPECT_EQ(watch_update(done)["head"].get<std::string>().find("Still to train"),
              std::string::npos);
}

TEST(WatchPage, LeadsToTheReportOnceThereIsOne) {
  Watched watched = sample_watched(20, WatchStage::ended);
  const auto leads = [&] {
    return watch_page(watched).find("href=\"report\"") != std::string::npos;
  };
  EXPECT_FALSE(leads());
  watched.has_report = true;
  EXPECT_TRUE(leads());
  watched.stage = WatchStage::training;  // the report is that of an earlier end
  EXPECT_FALSE(leads());
}

TEST(WatchPage, MayAskItsServerAndNobodyElse) {
  const std::string live = watch_page(sample_watched(3)), still = to_html(sample_training());
  EXPECT_NE(live.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(live.find("connect-src 'self'\""), std::string::npos);
  EXPECT_EQ(still.find("connect-src"), std::string::npos);
}

TEST(WatchPage, EscapesEveryStringThatComesFromOutside) {
  const std::string evil = "</script><script>hacked()</script><b onclick='hacked()'>\"&";
  for (const WatchStage stage :
       {WatchStage::waiting, WatchStage::searching, WatchStage::training, WatchStage::ended}) {
    Watched watched = sample_watched(3, stage);
    watched.folder = watched.run.data = watched.run.model = watched.run.trouble = evil;
    watched.run.notes = {evil};
    watched.run.events = {{1, evil}};
    watched.run.end = TrainingEnd::failed;
    for (TrainingEpoch& epoch : watched.run.history)
      epoch.weights[0].label = epoch.layers[0].label = evil;
    const Json update = watch_update(watched);
    for (const std::string& text : {watch_page(watched), update["head"].get<std::string>(),
                                    update["timeline"].get<std::string>()}) {
      EXPECT_EQ(text.find("<script>hacked"), std::string::npos);
      EXPECT_EQ(text.find("<b onclick"), std::string::npos);
    }
  }
}

class WatchInBrowser : public Browser {
 protected:
  /// The page, whose questions are answered by `script`, the body of a function.
  static std::string answered(std::string page, const std::string& script) {
    const std::string fake = "<script>window.fetch = async (address) => {" + script + "};</script>";
    return page.insert(page.find("</head>"), fake);
  }
  /// What stands over the headline.
  static std::string state_of(const std::string& page) {
    const std::string open = "<span id=\"state\">";
    const std::size_t begin = page.find(open);
    if (begin == std::string::npos) return "no state in: " + page.substr(0, 400);
    return page.substr(begin + open.size(), page.find("</span>", begin) - begin - open.size());
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

TEST_F(WatchInBrowser, DrawsEveryChartOrSaysThatThereAreNoFiguresYet) {
  expect_drawn(watch_page(sample_watched(5)), 2 + 2 + 3);
  expect_drawn(watch_page(sample_watched(0, WatchStage::waiting)), 0);
}

TEST_F(WatchInBrowser, DrawsWhatIsNew) {
  Watched later = sample_watched(7);
  later.run.events = {{6, "3 of 9 units of relu1 died"}};
  std::string update = watch_update(later).dump();
  for (std::size_t at = 0; (at = update.find("</", at)) != std::string::npos;)
    update.replace(at, 2, "<\\/");
  // Nothing new at first; then seven epochs for whoever has seen none.
  const std::string script =
      "window.asked = (window.asked || 0) + 1;"
      "if (asked < 3) return new Response(null, {status: 204});"
      "if (address === 'data?seen=0') return new Response(JSON.stringify(" +
      update +
      "));"
      "return new Response(null, {status: 204});";
  const std::string page = document_of_page(answered(watch_page(sample_watched(0)), script));
  EXPECT_TRUE(has(page, "data-errors=\"0\"")) << page.substr(0, 400);
  EXPECT_TRUE(has(page, "data-charts=\"7/7\"")) << page.substr(0, 400);
  EXPECT_TRUE(has(page, "After epoch 7 of 20: validation error"));
  EXPECT_TRUE(has(page, "<span>epoch 6</span> 3 of 9 units of relu1 died</li>"));
  EXPECT_TRUE(has(page, "</span>dense3.weight</span>")) << "the key has the new lines";
  EXPECT_TRUE(has(state_of(page), "live: this epoch has run for")) << state_of(page);
}

TEST_F(WatchInBrowser, SaysThatNobodyAnswersAndGoesOnOnceSomebodyDoes) {
  const std::string silent = "throw new TypeError('no connection');";
  const std::string lost = document_of_page(answered(watch_page(sample_watched(5)), silent));
  EXPECT_TRUE(has(state_of(lost), "no answer from rectify watch")) << state_of(lost);
  EXPECT_TRUE(has(lost, "data-charts=\"7/7\"")) << "what was seen last is still there";
  const std::string back = document_of_page(answered(watch_page(sample_watched(5)),
                                                     "window.asked = (window.asked || 0) + 1;"
                                                     "if (asked < 3) throw new TypeError('none');"
                                                     "return new Response(null, {status: 204});"));
  EXPECT_TRUE(has(state_of(back), "live: this epoch has run for")) << state_of(back);
}

}  // namespace
}  // namespace rectify::report
