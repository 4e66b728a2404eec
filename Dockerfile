# The program alone on a small Debian, as a user who may nothing. It writes nowhere but in the folders it is given, so
# the root can be read-only: keys lie in keys.dir, `verify` needs room in /tmp.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The caches outlive the build, so that a changed line does not compile every dependency again.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --features tls \
    && install -D target/release/suyuan /out/suyuan

FROM debian:bookworm-slim
# A volume that is new takes owner and mode of the folder it is mounted over; keys.dir must be open to nobody else.
RUN groupadd --gid 10001 suyuan \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/suyuan --shell /usr/sbin/nologin suyuan \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/suyuan /var/lib/suyuan/keys
COPY --from=build /out/suyuan /usr/local/bin/suyuan
# Whom to trust when notices are sent to webhooks.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
WORKDIR /var/lib/suyuan
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
# In a container the loopback address is nobody's.
ENV SUYUAN_HTTP_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/suyuan"]
CMD ["serve"]
