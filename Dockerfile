# OmniEdit Studio with its bundled models. Edits, users and fetched models are kept in /data:
#   docker build -t omniedit .
#   docker run --rm -it -v omniedit:/data omniedit omniedit user add ann
#   docker run -v omniedit:/data -p 127.0.0.1:7860:7860 omniedit
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 1000 studio && install -d -o studio /data
WORKDIR /app

COPY constraints.txt ./
RUN pip install --no-cache-dir -c constraints.txt torch

COPY pyproject.toml README.md LICENSE app.py ./
COPY omniedit omniedit
COPY ui ui
COPY training training
COPY assets assets
RUN pip install --no-cache-dir -c constraints.txt '.[data,postgres]'

USER 1000
ENV OMNIEDIT_HOME=/data HF_HOME=/data/hub OMNIEDIT_HOST=0.0.0.0
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
CMD ["python", "app.py"]
