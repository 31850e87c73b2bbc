// The name of the team that a group becomes.
#pragma once

#include <string>
#include <string_view>

namespace berth::scim {

// Identity providers call groups anything; teams are 3 to 30 of [a-z0-9] with '-' or '_' between. "acme:Dev Ops" in the
// organization acme (Docker's mapping of groups) becomes "dev-ops".
std::string TeamNameOf(std::string_view display_name, std::string_view organization);

}  // namespace berth::scim
