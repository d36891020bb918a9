from django.http import HttpResponse


def mailbox(request, **kwargs):
    return HttpResponse()

def message(request, **kwargs):
    return HttpResponse()

def message_html(request, **kwargs):
    return HttpResponse()
