from django.http import HttpResponse


def overview(request, **kwargs):
    return HttpResponse()

def settings(request, **kwargs):
    return HttpResponse()

def delete(request, **kwargs):
    return HttpResponse()
