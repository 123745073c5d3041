#include "rectify/train/checkpoint/events.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"

namespace rectify::train {

namespace {

constexpr const char* file_name = "events.jsonl";

void write(const RunFolder& folder, const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    Json line = {{"epoch", event.epoch}, {"kind", event.kind}};
    if (!event.cause.empty()) line["cause"] = event.cause;
    line["text"] = event.text;
    text += line.dump(-1, Json::BadText::replace) + "\n";
  }
  write_file(folder.file(file_name), text);
}

}  // namespace

void add_event(const RunFolder& folder, const Event& event) {
  std::vector<Event> events = events_in(folder.path());
  events.push_back(event);
  write(folder, events);
}

std::vector<Event> events_in(const std::filesystem::path& folder) {
  std::vector<Event> events;
  const std::filesystem::path file = folder / file_name;
  if (!std::filesystem::exists(file)) return events;
  try {
    for (const std::string& line : split(read_file(file), '\n')) {
      if (line.empty()) continue;
      const Json json = Json::parse(line);
      Event event{.epoch = json.at("epoch").get<int>(),
                  .kind = json.at("kind").get<std::string>(),
                  .cause = {},
                  .text = json.at("text").get<std::string>()};
      if (json.contains("cause")) event.cause = json.at("cause").get<std::string>();
      events.push_back(std::move(event));
    }
  } catch (const JsonError& error) {
    fail("'", file.string(), "' is damaged: ", error.what());
  }
  return events;
}

void cut_events(const RunFolder& folder, int last_epoch) {
  std::vector<Event> events = events_in(folder.path());
  if (std::erase_if(events, [&](const Event& e) { return e.epoch > last_epoch; }) > 0)
    write(folder, events);
}

}  // namespace rectify::train
