#include "http/types.h"

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace berth::http {
namespace {

// Calls visit(raw_value) for each parameter named `name`, until it answers false.
template <typename Visit>
void ForEachQueryValue(std::string_view query, std::string_view name, Visit visit) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const size_t equals = pair.find('=');
    const std::string_view key = pair.substr(0, equals);
    const bool plain = key.find_first_of("%+") == std::string_view::npos;
    if (plain ? key != name : PercentDecode(key, true) != name) continue;
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!visit(value)) return;
  }
}

// A value with a bad escape is taken as it stands.
std::string DecodeQuery(std::string_view raw) {
  if (raw.find_first_of("%+") == std::string_view::npos) return std::string(raw);
  auto decoded = PercentDecode(raw, true);
  return decoded ? *std::move(decoded) : std::string(raw);
}

}  // namespace

std::string_view ToString(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
    case Method::kOther:
      break;
  }
  return "OTHER";
}

Method ParseMethod(std::string_view text) {
  if (text == "GET") return Method::kGet;
  if (text == "HEAD") return Method::kHead;
  if (text == "POST") return Method::kPost;
  if (text == "PUT") return Method::kPut;
  if (text == "PATCH") return Method::kPatch;
  if (text == "DELETE") return Method::kDelete;
  if (text == "OPTIONS") return Method::kOptions;
  return Method::kOther;
}

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

std::string_view Request::HeaderValue(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name.size() == name.size() && EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return {};
}

bool Request::HasHeader(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name.size() == name.size() && EqualsIgnoreCase(header.name, name)) return true;
  }
  return false;
}

std::string_view Request::Param(std::string_view name) const {
  for (const PathParam& param : params) {
    if (param.name == name) return param.value;
  }
  return {};
}

std::optional<std::string> Request::QueryValue(std::string_view name) const {
  std::optional<std::string> found;
  ForEachQueryValue(query, name, [&](std::string_view raw) {
    found = DecodeQuery(raw);
    return false;
  });
  return found;
}

std::vector<std::string> Request::QueryValues(std::string_view name) const {
  std::vector<std::string> values;
  ForEachQueryValue(query, name, [&](std::string_view raw) {
    values.push_back(DecodeQuery(raw));
    return true;
  });
  return values;
}

std::string Request::BaseUrl() const {
  std::string url = secure ? "https://" : "http://";
  return url.append(host);
}

Response& Response::Add(std::string_view name, std::string_view value) {
  headers.append(name).append(": ");
  if (value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) {
    headers.append(value);
  } else {
    for (const char c : value) {
      if (c != '\r' && c != '\n' && c != '\0') headers.push_back(c);
    }
  }
  headers.append("\r\n");
  return *this;
}

Response& Response::Add(std::string_view name, int64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  (void)error;  // 24 characters hold any int64_t
  return Add(name, std::string_view(digits, static_cast<size_t>(end - digits)));
}

Response Response::Json(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers = "Content-Type: application/json\r\n";
  response.body = std::move(body);
  return response;
}

Response Response::Text(int status, std::string body, std::string_view type) {
  Response response;
  response.status = status;
  response.Add("Content-Type", type);
  response.body = std::move(body);
  return response;
}

Response Response::Empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Response::Redirect(int status, std::string_view location) {
  Response response;
  response.status = status;
  response.Add("Location", location);
  return response;
}

uint64_t BodyLength(const Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* shared = std::get_if<SharedBytes>(&body)) return *shared ? (*shared)->size() : 0;
  if (const auto* file = std::get_if<FileSlice>(&body)) return file->length;
  return 0;
}

}  // namespace berth::http
