#include "api/hub/invite_csv.h"

#include <gtest/gtest.h>

namespace berth::api::hub {
namespace {

std::string Read(std::string_view text) {
  const auto invitees = ReadInviteCsv(text);
  if (!invitees) return invitees.error().field + ": " + invitees.error().message;
  std::string lines;
  for (const auto& i : *invitees) lines += i.text + "|" + i.role + "|" + i.team + "|" + i.place + ";";
  return lines;
}

TEST(InviteCsv, ReadsTheColumnsOfItsHeader) {
  EXPECT_EQ(Read("email,role,team\r\na@example.com,editor,dev\r\nb@example.com,,\r\n"),
            "a@example.com|editor|dev|row[2];b@example.com|||row[3];");
  EXPECT_EQ(Read("Name,Username,Email\nAlice,alice,\nBob,,bob@example.com\n"),
            "alice|||row[2];bob@example.com|||row[3];");
  EXPECT_EQ(Read("who,Role\nalice,owner"), "alice|owner||row[2];");
  EXPECT_EQ(Read("\xef\xbb\xbf"
                 "email\na@example.com"),
            "a@example.com|||row[2];");
}

TEST(InviteCsv, WithoutAHeaderTheFirstColumnIsTheInvitee) {
  EXPECT_EQ(Read("alice\n\nbob,x\n"), "alice|||row[1];bob|||row[3];");
}

TEST(InviteCsv, UnderstandsQuotes) {
  EXPECT_EQ(Read("email,team\n\"a,b\"\"c\n\",\"dev\"\n"), "a,b\"c\n||dev|row[2];");
  EXPECT_EQ(Read("\"alice\"x\n"), "body: the CSV file has text behind a closing quote");
  EXPECT_EQ(Read("\"alice\n"), "body: the CSV file ends inside a quoted field");
}

TEST(InviteCsv, RefusesWhatNamesNobodyOrTooMany) {
  EXPECT_EQ(Read(""), "body: the CSV file names nobody");
  EXPECT_EQ(Read("email,role\n\n"), "body: the CSV file names nobody");
  EXPECT_EQ(Read("\xff\xfe"), "body: the CSV file is not UTF-8 text");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "u" + std::to_string(i) + "\n";
  EXPECT_EQ(ReadInviteCsv(many)->size(), 1000u);
  EXPECT_EQ(Read(many + "one\n"), "body: the CSV file names more than 1000 people");
}

}  // namespace
}  // namespace berth::api::hub
