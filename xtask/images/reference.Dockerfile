# The reference system as it was built outside; reference/Dockerfile builds it inside, where a registry is in reach.
ARG BASE
FROM ${BASE}
COPY reference /usr/local/bin/reference
ENTRYPOINT ["reference"]
