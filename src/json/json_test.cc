#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "json/describe.h"

namespace berth::json {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Value, KindsAndValues) {
  const auto document =
      Document::Parse(R"({"n":null,"b":true,"i":-7,"d":1.5,"s":"é\n\u00e9","a":[1,[2],{}],"o":{"k":1}})");
  ASSERT_TRUE(document);
  const Value root = document->root();
  EXPECT_EQ(root.kind(), Kind::kObject);
  EXPECT_EQ(root.size(), 7U);
  EXPECT_TRUE(root.Find("n")->IsNull());
  EXPECT_EQ(root.Find("b")->AsBool(), true);
  EXPECT_EQ(root.Find("i")->AsInt(), -7);
  EXPECT_EQ(root.Find("i")->AsDouble(), -7.0);
  EXPECT_EQ(root.Find("d")->AsInt(), std::nullopt);
  EXPECT_EQ(root.Find("d")->AsDouble(), 1.5);
  EXPECT_EQ(root.Find("s")->AsString(), "é\né");
  EXPECT_EQ(root.Find("a")->size(), 3U);
  EXPECT_EQ(root.Find("missing"), std::nullopt);
  EXPECT_EQ(root.Find("a")->Find("k"), std::nullopt);
  EXPECT_EQ(root.Find("b")->AsString(), std::nullopt);
  EXPECT_EQ(root.Find("o")->Serialize(), R"({"k":1})");
  std::vector<std::string> keys;
  root.EachMember([&](std::string_view key, Value) { keys.emplace_back(key); });
  EXPECT_THAT(keys, ElementsAre("n", "b", "i", "d", "s", "a", "o"));
}

TEST(Value, DefaultIsNull) {
  const Value value;
  EXPECT_TRUE(value.IsNull());
  EXPECT_EQ(value.AsInt(), std::nullopt);
  EXPECT_EQ(value.Find("x"), std::nullopt);
  EXPECT_EQ(value.size(), 0U);
  EXPECT_EQ(value.Serialize(), "null");
}

TEST(Value, TheFirstOfTheSameNameCounts) {
  const auto document = Document::Parse(R"({"a":1,"a":2})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().Find("a")->AsInt(), 1);
}

TEST(Value, ADocumentCanBeMoved) {
  auto document = Document::Parse(R"(["text that is longer than any small buffer would be"])");
  ASSERT_TRUE(document);
  const Value root = document->root();
  const Document moved = *std::move(document);
  EXPECT_EQ(moved.root().Serialize(), root.Serialize());
}

TEST(Value, IntegersAreSixtyFourBits) {
  const auto document = Document::Parse("[9223372036854775807,-9223372036854775808,9223372036854775808,1e3,1.0]");
  ASSERT_TRUE(document);
  std::vector<std::optional<int64_t>> numbers;
  document->root().EachElement([&](Value v) { numbers.push_back(v.AsInt()); });
  EXPECT_THAT(numbers, ElementsAre(INT64_MAX, INT64_MIN, std::nullopt, std::nullopt, std::nullopt));
}

TEST(Value, RefusesWhatIsNotJson) {
  for (const char* bad : {"",
                          " ",
                          "{",
                          "}",
                          "[1,]",
                          "{\"a\":1,}",
                          "{a:1}",
                          "{'a':1}",
                          "[1 2]",
                          "01",
                          "+1",
                          ".5",
                          "1.",
                          "NaN",
                          "nul",
                          "\"\x01\"",
                          "\"\\x\"",
                          "\"\\ud800\"",
                          "\"open",
                          "[1]x",
                          "{}{}",
                          "\"\xff\"",
                          "\xEF\xBB\xBF{}",
                          "// c\n{}",
                          "1e999"}) {
    const auto document = Document::Parse(bad);
    ASSERT_FALSE(document) << bad;
    EXPECT_EQ(document.error().code, ErrorCode::kInvalidArgument);
  }
  for (const char* good : {"0", " null ", "\"\"", "-0.5e-3", "[]", "\"\\ud83d\\udc33\"", "\t{ \"a\" : [ ] }\r\n"}) {
    EXPECT_TRUE(Document::Parse(good)) << good;
  }
}

TEST(Value, DepthIsBounded) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + '1' + std::string(depth, ']'); };
  EXPECT_TRUE(Document::Parse(nested(64)));
  const auto deep = Document::Parse(nested(65));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, HasSubstr("deep"));
  // After a text that needs more room than the parser had.
  const std::string big = "[\"" + std::string(100'000, 'x') + "\"]";
  EXPECT_TRUE(Document::Parse(big));
  EXPECT_FALSE(Document::Parse(nested(65)));
  EXPECT_FALSE(Document::Parse(nested(300'000)));
  EXPECT_TRUE(Document::Parse("[\"" + std::string(3 << 20, 'x') + "\"]"));
}

TEST(Writer, WritesInOrder) {
  Writer w;
  w.BeginObject()
      .Key("a")
      .Int(-1)
      .Key("b")
      .BeginArray()
      .Bool(true)
      .Null()
      .String("x\"\n\xff")
      .BeginObject()
      .EndObject();
  w.BeginArray().EndArray().EndArray().Key("c").Double(0.1).Key("d").Raw("[1]").EndObject();
  EXPECT_EQ(std::move(w).Take(), "{\"a\":-1,\"b\":[true,null,\"x\\\"\\n\xEF\xBF\xBD\",{},[]],\"c\":0.1,\"d\":[1]}");
}

TEST(Writer, DoublesReadBack) {
  for (const double v : {0.0, -1.5, 1e300, 5e-324, 0.1 + 0.2, std::nan(""), std::numeric_limits<double>::infinity()}) {
    Writer w;
    w.Double(v);
    const auto document = Document::Parse(w.text());
    ASSERT_TRUE(document) << w.text();
    if (std::isfinite(v)) {
      EXPECT_EQ(document->root().AsDouble(), v);
    } else {
      EXPECT_TRUE(document->root().IsNull());
    }
  }
}

struct Image {
  Required<std::string> digest;
  int64_t size = 0;
  Omittable<std::string> variant;
};
BOOST_DESCRIBE_STRUCT(Image, (), (digest, size, variant))

struct Tag {
  std::string name;
  std::string namespace_ = "library";
  bool is_public = true;
  uint16_t port = 0;
  double ratio = 0;
  std::optional<std::string> note;
  std::optional<Timestamp> pushed;
  std::vector<Image> images;
  std::map<std::string, std::vector<int>> groups;
  RawJson extra;
};
BOOST_DESCRIBE_STRUCT(Tag, (), (name, namespace_, is_public, port, ratio, note, pushed, images, groups, extra))

TEST(Describe, Encodes) {
  Tag tag;
  tag.name = "latest";
  tag.pushed = FromMicros(0);
  tag.images.resize(2);
  tag.images[0].digest.value = "sha256:1";
  tag.images[1].variant = "v8";
  tag.groups["g"] = {1, 2};
  tag.extra.text = R"({"x":[]})";
  EXPECT_EQ(
      Encode(tag),
      R"({"name":"latest","namespace":"library","is_public":true,"port":0,"ratio":0,"note":null,)"
      R"("pushed":"1970-01-01T00:00:00.000000Z","images":[{"digest":"sha256:1","size":0},{"digest":"","size":0,"variant":"v8"}],)"
      R"("groups":{"g":[1,2]},"extra":{"x":[]}})");
  EXPECT_EQ(Encode(std::vector<std::string>{"a"}), R"(["a"])");
}

TEST(Describe, Decodes) {
  const auto tag = Decode<Tag>(
      R"({"name":"x","unknown":{"a":1},"is_public":false,"port":65535,"ratio":2,"note":"n","pushed":"2026-11-23T09:08:07+01:00",
          "images":[{"digest":"d","size":5,"variant":"v7"}],"groups":{"a":[1],"b":[]},"extra":{"k": [1, 2]}})");
  ASSERT_TRUE(tag) << tag.error().message;
  EXPECT_EQ(tag->name, "x");
  EXPECT_EQ(tag->namespace_, "library");
  EXPECT_FALSE(tag->is_public);
  EXPECT_EQ(tag->port, 65535);
  EXPECT_EQ(tag->ratio, 2.0);
  EXPECT_EQ(tag->note, "n");
  EXPECT_EQ(tag->pushed, ParseRfc3339("2026-11-23T08:08:07Z"));
  ASSERT_EQ(tag->images.size(), 1U);
  EXPECT_EQ(*tag->images[0].digest, "d");
  EXPECT_EQ(tag->images[0].variant, "v7");
  EXPECT_THAT(tag->groups.at("a"), ElementsAre(1));
  EXPECT_EQ(tag->extra.text, R"({"k":[1,2]})");
}

TEST(Describe, NullMeansAbsent) {
  const auto tag = Decode<Tag>(R"({"name":null,"is_public":null,"note":null,"images":null,"groups":null})");
  ASSERT_TRUE(tag) << tag.error().message;
  EXPECT_TRUE(tag->is_public);
  EXPECT_EQ(tag->note, std::nullopt);
}

TEST(Describe, TheFirstOfTheSameNameCounts) {
  const auto tag = Decode<Tag>(R"({"name":"first","name":"second","groups":{"g":[1],"g":[2]}})");
  ASSERT_TRUE(tag);
  EXPECT_EQ(tag->name, "first");
  EXPECT_THAT(tag->groups.at("g"), ElementsAre(1));
}

TEST(Describe, ErrorsNameTheField) {
  const std::vector<std::array<const char*, 3>> cases{
      {R"([])", "", "the body must be an object"},
      {R"({"name":1})", "name", "name must be a string"},
      {R"({"namespace":1})", "namespace", "namespace must be a string"},
      {R"({"is_public":"true"})", "is_public", "true or false"},
      {R"({"port":65536})", "port", "between 0 and 65535"},
      {R"({"port":-1})", "port", "between 0 and 65535"},
      {R"({"port":1.0})", "port", "must be an integer"},
      {R"({"ratio":"1"})", "ratio", "must be a number"},
      {R"({"pushed":"yesterday"})", "pushed", "RFC 3339"},
      {R"({"images":{}})", "images", "must be an array"},
      {R"({"images":[{"digest":"a"},{"digest":"b"},{"digest":3}]})", "images[2].digest", "must be a string"},
      {R"({"images":[{"size":3}]})", "images[0].digest", "is required"},
      {R"({"images":[{"digest":null}]})", "images[0].digest", "is required"},
      {R"({"images":[null]})", "images[0]", "must be an object"},
      {R"({"groups":{"g":[1,"2"]}})", "groups.g[1]", "must be an integer"},
  };
  for (const auto& [text, field, message] : cases) {
    const auto tag = Decode<Tag>(text);
    ASSERT_FALSE(tag) << text;
    EXPECT_EQ(tag.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(tag.error().field, field);
    EXPECT_THAT(tag.error().message, HasSubstr(message));
  }
}

}  // namespace
}  // namespace berth::json
