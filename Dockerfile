# The app for a server of one's own: docker build -t resnet-demo . && docker run -p 7860:7860 resnet-demo
FROM python:3.12-slim

# An index of CPU wheels makes the image some gigabytes smaller; without it, PyPI's own wheels are installed:
# --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH_INDEX=""

RUN useradd --create-home app
WORKDIR /home/app
COPY requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then pip install --no-cache-dir --index-url "$TORCH_INDEX" $(grep '^torch' requirements.txt); fi \
    && pip install --no-cache-dir -r requirements.txt
COPY --chown=app:app README.md LICENSE THIRD_PARTY.md app.py ./
COPY --chown=app:app resnet_demo resnet_demo
COPY --chown=app:app weights weights

USER app
ENV GRADIO_ANALYTICS_ENABLED=False PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
