// The native reference: std::priority_queue for PHOLD, std::set for timers that are cancelled. Same work as kernel-work.ts.
// Usage: native phold|churn <table file> <events> <check at>, native hold <table file> <pending> <events>; prints one JSON line.

#include <ctime>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <queue>
#include <set>
#include <vector>

static std::vector<int32_t> table;
static uint32_t cursor = 0;
static uint32_t lcg = 12345;
static uint32_t checksum = 0;

static int64_t draw() { return table[cursor++ & 65535]; }
static uint32_t choose() { return (lcg = lcg * 1664525u + 1013904223u) >> 16; }
static void check(uint32_t value) { checksum = checksum * 31u + value; }

struct Event {
  int64_t at;
  uint64_t seq;
  int32_t kind, a, b;
};
struct Later {
  bool operator()(const Event& x, const Event& y) const {
    return x.at != y.at ? x.at > y.at : x.seq > y.seq;
  }
};
struct Earlier {
  bool operator()(const Event& x, const Event& y) const {
    return x.at != y.at ? x.at < y.at : x.seq < y.seq;
  }
};

static double started;
static double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}
static int64_t checked_at = 0;
static uint32_t checked = 0;
static void report(uint64_t n, int64_t now, uint64_t pending) {
  double seconds = cpu_seconds() - started;
  std::printf("{\"events\":%llu,\"seconds\":%.6f,\"now\":%lld,\"checksum\":%u,\"checkedAt\":%lld,\"checked\":%u,\"pending\":%llu}\n",
              (unsigned long long)n, seconds, (long long)now, checksum, (long long)checked_at, checked,
              (unsigned long long)pending);
}

static void phold(uint64_t events, uint64_t check_at) {
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  uint64_t seq = 0;
  for (int lp = 0; lp < 1000; lp++)
    for (int k = 0; k < 4; k++) queue.push({draw(), seq++, lp & 15, lp, k});
  int64_t now = 0;
  started = cpu_seconds();
  for (uint64_t i = 1; i <= events; i++) {
    Event e = queue.top();
    queue.pop();
    now = e.at;
    check((uint32_t)(e.a + e.kind));
    uint32_t r = choose();
    queue.push({now + 100000 + draw(), seq++, (int32_t)(r & 15), (int32_t)(r % 1000), e.b});
    if (i == check_at) checked_at = now, checked = checksum;
  }
  report(events, now, queue.size());
}

// The same work as our hold: `pending` events that each push themselves again.
static void hold(uint64_t pending, uint64_t events) {
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  uint64_t seq = 0;
  for (uint64_t id = 0; id < pending; id++) queue.push({draw(), seq++, 0, (int32_t)id, 0});
  auto turn = [&](uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
      Event e = queue.top();
      queue.pop();
      queue.push({e.at + 1 + draw(), seq++, 0, e.a, e.b});
    }
  };
  turn(2 * pending + 200000);
  started = cpu_seconds();
  turn(events);
  report(events, queue.top().at, queue.size());
}

static void churn(uint64_t requests, uint64_t check_at) {
  std::set<Event, Earlier> queue;
  std::vector<std::set<Event, Earlier>::iterator> timeouts(1000);
  uint64_t seq = 0;
  int64_t now = 0;
  auto start = [&](int id) {
    timeouts[id] = queue.insert(queue.end(), {now + 100000000, seq++, 1, id, 0});
    queue.insert({now + draw(), seq++, 0, id, 0});
  };
  for (int id = 0; id < 1000; id++) start(id);
  started = cpu_seconds();
  for (uint64_t done = 0; done < requests;) {
    Event e = *queue.begin();
    queue.erase(queue.begin());
    now = e.at;
    check((uint32_t)(e.a + e.kind));
    if (e.kind == 1) continue;
    done++;
    if (choose() % 10 != 0) queue.erase(timeouts[e.a]);
    start(e.a);
    if (done == check_at) checked_at = now, checked = checksum;
  }
  report(requests, now, queue.size());
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  table.resize(65536);
  std::FILE* file = std::fopen(argv[2], "rb");
  if (!file || std::fread(table.data(), 4, 65536, file) != 65536) return 3;
  uint64_t events = std::strtoull(argv[3], nullptr, 10);
  uint64_t check_at = std::strtoull(argv[4], nullptr, 10);
  if (std::strcmp(argv[1], "phold") == 0) phold(events, check_at);
  else if (std::strcmp(argv[1], "hold") == 0) hold(events, check_at);
  else churn(events, check_at);
}
