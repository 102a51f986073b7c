# One image for every part; the command says which: daybook api, daybook projector, daybook sealer, daybook jobs.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /opt/daybook

# The lock is complete and brings the build back-end too: nothing is resolved or fetched beside it.
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps -r requirements.lock

COPY pyproject.toml README.md ./
COPY domain domain
COPY projections projections
COPY infra infra
COPY migrations migrations
COPY api api
COPY workers workers
RUN pip install --no-deps --no-build-isolation .

# The data folder holds the master key, and is its owner's alone.
RUN useradd --system --uid 10001 --home-dir /var/lib/daybook --create-home daybook \
    && chmod 0700 /var/lib/daybook
WORKDIR /var/lib/daybook
USER daybook

ENV DAYBOOK_DATA_DIR=/var/lib/daybook DAYBOOK_HOST=0.0.0.0
EXPOSE 8000

ENTRYPOINT ["daybook"]
CMD ["serve"]
