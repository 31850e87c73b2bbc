// Structs to JSON and back, by Boost.Describe; include it in sources, not in headers of other folders.
//
//   struct Tag { std::string name; int64_t full_size = 0; std::optional<std::string> digest; std::vector<Image> images; };
//   BOOST_DESCRIBE_STRUCT(Tag, (), (name, full_size, digest, images))
//   std::string text = json::Encode(tag);
//   Result<Tag> back = json::Decode<Tag>(text);      // kInvalidArgument, field = "images[2].digest"
//
// Members: bool, integers, double, std::string, Timestamp (RFC 3339), std::optional<T>, std::vector<T>, std::map<std::string, T>,
// json::RawJson, described structs. A name ending in '_' loses it ("namespace_" is "namespace").
// Decode: unknown keys are ignored, null means absent; an absent member keeps its default unless it is json::Required<T>.
// Encode: an empty optional is null; a json::Omittable<T> without a value is left out.
