// Tar archives made byte by byte, so that tests can make those that no tool would.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::layers {

class TarText {
 public:
  struct Header {
    std::string name;
    char type = '0';
    std::string link;
    uint64_t size = 0;
    uint32_t mode = 0644;
    uint32_t uid = 0;
    uint32_t gid = 0;
    uint64_t modified = 1'700'000'000;
  };

  TarText& File(const std::string& name, std::string_view content, uint32_t mode = 0644) {
    return Add({.name = name, .size = content.size(), .mode = mode}, content);
  }
  TarText& Folder(const std::string& name, uint32_t mode = 0755) {
    return Add({.name = name, .type = '5', .mode = mode}, "");
  }
  TarText& Symlink(const std::string& name, const std::string& target) {
    return Add({.name = name, .type = '2', .link = target, .mode = 0777}, "");
  }
  TarText& Hardlink(const std::string& name, const std::string& target) {
    return Add({.name = name, .type = '1', .link = target}, "");
  }
  TarText& Whiteout(const std::string& path) {
    const size_t slash = path.rfind('/') + 1;
    return File(path.substr(0, slash) + ".wh." + path.substr(slash), "");
  }

  // Any header; `size` may claim what `content` does not hold.
  TarText& Add(const Header& header, std::string_view content) {
    std::string name = header.name;
    if (name.size() > 100) {
      Long('L', name);
      name.resize(100);
    }
    std::string link = header.link;
    if (link.size() > 100) {
      Long('K', link);
      link.resize(100);
    }
    Block(name, link, header);
    Data(content);
    return *this;
  }
  // A pax header for the entry that follows.
  TarText& Pax(const std::vector<std::pair<std::string, std::string>>& values) {
    std::string records;
    for (const auto& [key, value] : values) {
      const size_t bare = key.size() + value.size() + 3;
      size_t length = bare;
      while (std::to_string(length).size() + bare != length) length = std::to_string(length).size() + bare;
      records += std::to_string(length) + " " + key + "=" + value + "\n";
    }
    Block("PaxHeader", "", {.type = 'x', .size = records.size()});
    Data(records);
    return *this;
  }
  TarText& Bytes(std::string_view bytes) {
    text_ += bytes;
    return *this;
  }

  std::string End() const { return text_ + std::string(1024, '\0'); }
  const std::string& WithoutEnd() const { return text_; }

 private:
  static void Put(std::string& block, size_t at, std::string_view text) { block.replace(at, text.size(), text); }
  static std::string Octal(uint64_t number, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(number));
    return text;
  }

  void Block(const std::string& name, const std::string& link, const Header& header) {
    std::string block(512, '\0');
    Put(block, 0, name);
    Put(block, 100, Octal(header.mode, 7));
    Put(block, 108, Octal(header.uid, 7));
    Put(block, 116, Octal(header.gid, 7));
    Put(block, 124, Octal(header.size, 11));
    Put(block, 136, Octal(header.modified, 11));
    Put(block, 148, "        ");
    block[156] = header.type;
    Put(block, 157, link);
    Put(block, 257, std::string_view("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    Put(block, 148, Octal(sum, 6) + std::string(1, '\0') + " ");
    text_ += block;
  }
  void Data(std::string_view content) {
    text_ += content;
    text_.append((512 - content.size() % 512) % 512, '\0');
  }
  void Long(char type, const std::string& text) {
    Block("././@LongLink", "", {.type = type, .size = text.size() + 1});
    Data(text + std::string(1, '\0'));
  }

  std::string text_;
};

inline std::string Gzip(std::string_view bytes, int level = 6) {
  z_stream z{};
  deflateInit2(&z, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, bytes.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline std::string Zstd(std::string_view bytes, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string out(ZSTD_compressBound(bytes.size()) + 64, '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{bytes.data(), bytes.size(), 0};
  // In pieces, so that the frame can't be made as one segment, whose window is its size.
  while (from.pos < from.size) ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue);
  while (ZSTD_compressStream2(context, &to, &from, ZSTD_e_end) != 0) {
  }
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

}  // namespace berth::layers
