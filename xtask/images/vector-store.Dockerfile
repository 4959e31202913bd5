# ChromaDB's server from its Python package, without the client's many dependencies: the server is a library of its own in there.
ARG BASE
FROM ${BASE}
COPY . /opt/chroma
RUN mv /opt/chroma/chroma /usr/local/bin/chroma && chmod 755 /usr/local/bin/chroma
