#include "stores/data_folder.h"

#include <sys/stat.h>

#include <fstream>

#include <gtest/gtest.h>

#include "sample.h"

namespace weir {
namespace {

TEST(DataFolder, is_made_for_its_owner_alone_however_it_is_written) {
  for (const std::string_view end : {"", "/", "/deeper/and/deeper", "/deeper/"}) {
    sample::Folder folder;
    const auto path = folder.path() + std::string(end);
    ASSERT_TRUE(make_data_folder(path)) << path;
    ASSERT_TRUE(make_data_folder(path)) << "again";
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U) << path;
  }
}

TEST(DataFolder, what_cannot_be_made_is_said_with_its_reason) {
  sample::Folder folder;
  ASSERT_TRUE(make_data_folder(folder.path()));
  std::ofstream(folder.path() + "/file") << "x";
  const auto made = make_data_folder(folder.path() + "/file/data");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(folder.path() + "/file/data"), std::string::npos);
}

TEST(DataFolderLock, is_held_by_one_and_says_by_whom) {
  sample::Folder folder;
  {
    const auto first = DataFolderLock::take(folder.path());
    ASSERT_TRUE(first) << first.error().message;
    const auto second = DataFolderLock::take(folder.path());
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find(fmt::format("pid {}", ::getpid())), std::string::npos)
        << second.error().message;
  }
  EXPECT_TRUE(DataFolderLock::take(folder.path())) << "and free afterwards";
}

TEST(DataFolderLock, words_of_a_dead_one_hold_nobody_up_and_odd_words_do_not_confuse) {
  for (const std::string_view words : {"", "4242 somewhere\n", "nonsense", "\n", " \n"}) {
    sample::Folder folder;
    ASSERT_TRUE(make_data_folder(folder.path()));
    const auto file = folder.path() + "/weir.lock";
    std::ofstream(file) << words;
    const auto lock = DataFolderLock::take(folder.path());
    ASSERT_TRUE(lock) << words;
    std::ofstream(file) << words;  // by somebody else, meanwhile
    EXPECT_FALSE(DataFolderLock::take(folder.path()));
  }
}

}  // namespace
}  // namespace weir
