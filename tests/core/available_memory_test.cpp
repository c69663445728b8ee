// SPDX-License-Identifier: Apache-2.0
#include "core/available_memory.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::available_memory;
using depthcloud::check_memory;
using depthcloud::Stage;

namespace {

/// A machine of files.
class Machine {
 public:
  void says(const std::string& file, const std::string& text) {
    const auto path = root() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::filesystem::path root() const { return folder_.path(); }

 private:
  TempDir folder_;
};

}  // namespace

TEST_SUITE("core") {
  TEST_CASE("available_memory: nothing where the system does not say") {
    CHECK_FALSE(available_memory(Machine().root()).has_value());
    Machine machine;
    machine.says("proc/meminfo", "MemAvailable: lots\n");
    CHECK_FALSE(available_memory(machine.root()).has_value());
  }

  TEST_CASE("available_memory: the least of the machine and its control groups") {
    Machine machine;
    machine.says("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:  3000 kB\n");
    CHECK(available_memory(machine.root()) == 3'072'000);
    machine.says("sys/fs/cgroup/memory.max", "max\n");
    machine.says("sys/fs/cgroup/memory.current", "1000\n");
    CHECK(available_memory(machine.root()) == 3'072'000);
    machine.says("sys/fs/cgroup/memory.max", "5000\n");
    CHECK(available_memory(machine.root()) == 4000);
    machine.says("sys/fs/cgroup/memory.stat", "file 900\ninactive_file 600\n");
    CHECK(available_memory(machine.root()) == 4600);
    machine.says("sys/fs/cgroup/memory.current", "7000\n");
    CHECK(available_memory(machine.root()) == 0);
    machine.says("sys/fs/cgroup/memory.max", "max\n");
    machine.says("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000\n");
    machine.says("sys/fs/cgroup/memory/memory.usage_in_bytes", "500\n");
    CHECK(available_memory(machine.root()) == 1500);
  }

  TEST_CASE("check_memory asks before, for what is worth it") {
    Machine machine;
    machine.says("proc/meminfo", "MemAvailable: 1000000 kB\n");
    const auto error_for = [&](double bytes) {
      return error_of([&] { check_memory(bytes, Stage::decode, "a photo", machine.root()); });
    };
    CHECK(error_for(1.02e9) == "nothing");
    CHECK(error_for(13e9) ==
          "out_of_memory decode: a photo needs 13.0 GB of memory, 1.0 GB are available");
    machine.says("proc/meminfo", "MemAvailable: 1 kB\n");
    CHECK(error_for(255e6) == "nothing");
    CHECK(contains(error_of([] { check_memory(1e18, Stage::file, "all"); }), "out_of_memory file"));
    // Beyond the address space, whatever the system says.
    CHECK(contains(error_of([] { check_memory(2e19, Stage::file, "all", Machine().root()); }),
                   "out_of_memory file"));
  }
}
