"""A thundering herd: 500 clients pull one image the moment it was pushed."""

from harness import MIB, random_image

REPOSITORY = "admin/herd"
CLIENTS = 500
LAYERS = [4 * MIB, 2 * MIB, 256 << 10]
# A floor that any machine reaches: the herd must be served in parallel, not one by one.
LEAST_THROUGHPUT = 300 * MIB
MOST_MEMORY = 150 * MIB


def run(host_with, figures, short):
    with host_with([REPOSITORY]) as host:
        with_errors, rates, memory = [], [], 0
        for attempt in range(1 if short else 3):
            image = random_image(REPOSITORY, f"fresh{attempt}", LAYERS)
            figures.none("refused while pushing", [r for r in [image.push(host.session())] if r])
            result = host.load(image.targets(), ["--connections", CLIENTS, "--order", "once",
                                                 "--seconds", 120]).result()
            with_errors.extend(result["texts"])
            rates.append(result["bytes"] / result["seconds"])
            memory = max(memory, host.server.rss_bytes())
            figures.check("clients with the whole image, every digest right",
                          result["clients"]["count"], result["clients"]["count"] == CLIENTS,
                          CLIENTS)
            print(f"       (all done after {result['seconds']:.2f} s; a client's median "
                  f"{result['clients']['p50'] / 1e6:.2f} s)")
        figures.none("errors", with_errors)
        rate = max(rates)
        figures.check("bytes served a second, hashed by the clients",
                      f"{rate / MIB:.0f} MiB", rate >= LEAST_THROUGHPUT,
                      f"at least {LEAST_THROUGHPUT // MIB} MiB")
        figures.at_most("server memory afterwards", memory / MIB, MOST_MEMORY / MIB, " MiB")
